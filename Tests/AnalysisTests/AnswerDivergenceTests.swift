import Foundation
import Inference
import Synchronization
import TestModels
import Testing
import Tokenization

@testable import Analysis

/// Two plans on the same text, against a computation of our own in double precision.
@Suite struct AnswerDivergenceTests {
  let model: Model
  let lean: Plan
  let prompt: [Token] = [7, 20, 31, 5]
  /// Longer than what is compared in a piece.
  let answer: [Token] = (0..<150).map { Token(3 + $0 * 37 % 90) }

  init() throws {
    model = try TinyModel.llama().withFile { try Model(path: $0) }
    lean = Plan.with {
      $0.drop.attention = [1, 3]
      $0.bits.mlp = .four
    }
  }

  private func context(_ plan: Plan = .baseline) throws -> InferenceContext {
    try InferenceContext(model, plan: plan, threads: 2, context: 256)
  }

  /// The log-probabilities from which each token of the answer is drawn, in double precision.
  private func distributions(_ plan: Plan) throws -> [[Double]] {
    var rows: [[Double]] = []
    try context(plan).readAll(prompt + answer) { _, logits in
      let values = logits.map(Double.init), most = values.max()!
      let total = most + log(values.reduce(0) { $0 + exp($1 - most) })
      rows.append(values.map { $0 - total })
    }
    return Array(rows[(prompt.count - 1)..<(prompt.count - 1 + answer.count)])
  }

  @Test func agreesWithFullDistributions() throws {
    let divergence = try AnswerDivergence(
      of: answer, after: prompt, under: context(lean), against: context())
    let first = try distributions(.baseline), second = try distributions(lean)
    #expect(divergence.tokens.count == 150 && divergence.isWhole)
    for (index, token) in divergence.tokens.enumerated() {
      let (a, b) = (first[index], second[index])
      var kl = 0.0, js = 0.0
      for (p, q) in zip(a, b) {
        let middle = log((exp(p) + exp(q)) / 2)
        kl += exp(p) * (p - q)
        js += 0.5 * exp(p) * (p - middle) + 0.5 * exp(q) * (q - middle)
      }
      #expect(abs(token.kl - kl) < 1e-4 && abs(token.js - js) < 1e-4, "token \(index)")
      for (row, prediction) in [(a, token.first), (b, token.second)] {
        let own = row[Int(answer[index])]
        #expect(prediction.rank == 1 + row.count { $0 > own })
        #expect(Int(prediction.top) == row.firstIndex(of: row.max()!))
        #expect(abs(Double(prediction.logProbability) - own) < 1e-4)
        #expect(abs(Double(prediction.topLogProbability) - row.max()!) < 1e-4)
      }
      #expect(token.sameTop == (token.first.top == token.second.top))
    }
    let sum = divergence.tokens.reduce(0) { $0 + $1.kl }
    #expect(abs(divergence.meanKL! - sum / 150) < 1e-12 && sum > 0.1)
    let worst = divergence.worst(10).map { divergence.tokens[$0].kl }
    #expect(worst.count == 10 && worst == divergence.tokens.map(\.kl).sorted(by: >).prefix(10).map { $0 })
  }

  /// The same plan in two contexts, and in one.
  @Test func identicalPlansDoNotDiverge() throws {
    let one = try context(lean)
    for other in [one, try context(lean)] {
      let divergence = try AnswerDivergence(of: answer, after: prompt, under: other, against: one)
      #expect(divergence.tokens.allSatisfy { $0.kl == 0 && $0.js == 0 && $0.sameTop })
      #expect(divergence.meanKL == 0 && divergence.sameTop == 1 && divergence.worst(10).isEmpty)
    }
  }

  /// Stopped again and again, it comes to the same.
  @Test func goesOnAfterBeingStopped() throws {
    let whole = try AnswerDivergence(of: answer, after: prompt, under: context(lean), against: context())
    let one = try context(), other = try context(lean)
    var divergence = AnswerDivergence(of: answer, after: prompt)
    let checks = Atomic(0), stops = Atomic(0)
    while !divergence.isWhole {
      do {
        try divergence.advance(under: other, against: one) { _ in
          checks.wrappingAdd(1, ordering: .relaxed).newValue % 9 != 0
            || stops.load(ordering: .relaxed) > 8
        }
      } catch is CancellationError { stops.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(divergence == whole && stops.load(ordering: .relaxed) > 2)
  }

  /// What is read already is kept, and what was read of another text does not matter.
  @Test func contextsMayHoldOtherTokens() throws {
    let one = try context(), other = try context(lean)
    try one.read(prompt + answer)
    try other.read([9, 9, 9])
    let divergence = try AnswerDivergence(of: answer, after: prompt, under: other, against: one)
    #expect(
      try divergence == AnswerDivergence(of: answer, after: prompt, under: context(lean), against: context()))
    #expect(throws: ContextError.self) {
      try AnswerDivergence(
        of: Array(repeating: 5, count: 300), after: prompt, under: other, against: one)
    }
  }

  /// Logits from a place on are those of the whole text, with and without kept streams.
  @Test func readsFromAPlaceOn() throws {
    for keepsStream in [false, true] {
      var all: [[Float]] = [], some: [[Float]] = []
      let context = try InferenceContext(model, threads: 1, context: 256, keepsStream: keepsStream)
      try context.readAll(prompt + answer) { _, logits in all.append(Array(logits)) }
      for first in [40, 150, 0, 100] {
        some = []
        var places: [Int] = []
        try context.readAll(prompt + answer, from: first) { index, logits in
          places.append(index)
          some.append(Array(logits))
        }
        #expect(some == Array(all[first...]) && places == Array(first..<154))
      }
    }
  }

  @Test func whatIsNoNumberIsNotEqual() throws {
    var tiny = TinyModel.llama()
    let index = tiny.tensors.firstIndex { $0.name == "blk.2.ffn_up.weight" }!
    (tiny.tensors[index].type, tiny.tensors[index].scale, tiny.tensors[index].mean) = (.f32, 0, .nan)
    try tiny.withFile { path in
      let model = try Model(path: path)
      let broken = try InferenceContext(model, threads: 1, context: 64)
      let sound = try InferenceContext(model, plan: .with { $0.drop.mlp = [2] }, threads: 1, context: 64)
      let divergence = try AnswerDivergence(of: [5, 6, 7], after: prompt, under: broken, against: sound)
      for token in divergence.tokens {
        #expect(token.kl.isNaN && token.js.isNaN && !token.sameTop)
        #expect(token.first.rank != nil && token.second.rank == nil)
      }
      #expect(divergence.meanKL?.isNaN == true && divergence.meanJS?.isNaN == true)
      #expect(divergence.sameTop?.isNaN == true && divergence.worst(10) == [0, 1, 2])
      // Nor is what is no number the same as itself.
      let itself = try AnswerDivergence(of: [5, 6], after: prompt, under: broken, against: broken)
      #expect(itself.tokens.allSatisfy { $0.kl.isNaN && !$0.sameTop })
    }
  }

  // MARK: Contexts beside others

  /// A context that shares threads and matrices computes what one of its own computes, and leaves the other alone.
  @Test(arguments: [0, 1, 2])
  func aContextBesideAnother(number: Int) throws {
    let plans: [Plan] = [
      .baseline, lean,
      .with {
        $0.bits.default = .three
        $0.kvBits = 8
      },
    ]
    let owner = try context(lean)
    try owner.read(prompt)
    let before = try owner.append(9).map { $0 }
    let beside = try InferenceContext(beside: owner, plan: plans[number], context: 200)
    let third = try InferenceContext(beside: beside, plan: lean, context: 200)
    var rows: [[Float]] = [], expected: [[Float]] = []
    try beside.readAll(prompt + answer) { _, logits in rows.append(Array(logits)) }
    try context(plans[number]).readAll(prompt + answer) { _, logits in expected.append(Array(logits)) }
    #expect(rows == expected && beside.plan == plans[number])
    #expect(try Array(third.read(prompt + [9])) == before)
    #expect(owner.tokens == prompt + [9] && owner.plan == lean)
    #expect(beside.memoryNeed.total > 0)
  }

  // MARK: Speeds and intervals

  @Test func turnsAreTakenInTurn() throws {
    let one = try context(), other = try context(lean)
    var turns = SpeedTurns()
    #expect(turns.ratio == nil && !turns.isClear)
    for _ in 0..<3 { try turns.measure(answer, after: prompt, in: one, other) }
    #expect(turns.first.count == 3 && turns.second.count == 3)
    #expect((turns.first + turns.second).allSatisfy { $0 > 0 && $0.isFinite })
    #expect(one.tokens.count == prompt.count + SpeedTurns.tokens)
    // Of fewer turns than are usual nothing is clear.
    #expect(!turns.isClear && turns.ratios == turns.ratios.sorted())
    #expect(throws: CancellationError.self) {
      try turns.measure(answer, after: prompt, in: one, other) { _ in false }
    }
    #expect(turns.first.count == 3)
  }

  /// NIST's table of Student's t; an interval by hand.
  @Test func intervals() throws {
    let interval = try #require(MeanInterval([1, 2, 3, 4, 5]))
    #expect(interval.mean == 3 && interval.count == 5)
    #expect(abs(try #require(interval.margin) - 2.776 * (2.5 / 5).squareRoot()) < 1e-9)
    #expect(MeanInterval([7])?.margin == nil && MeanInterval([]) == nil)
    #expect(MeanInterval([1, .nan])?.mean.isNaN == true)
    for (freedom, expected) in [
      (1, 12.706), (10, 2.228), (30, 2.042), (40, 2.021), (60, 2.000), (100, 1.984),
    ] {
      #expect(abs(MeanInterval.quantile(freedom) - expected) < 6e-4, "\(freedom)")
    }
  }
}
