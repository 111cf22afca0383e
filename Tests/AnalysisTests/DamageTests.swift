import Analysis
import Foundation
import Inference
import ModelFiles
import Synchronization
import Testing
import Tokenization

/// Damage of single drops on the default model.
@Suite(.serialized, .enabled(if: ModelFiles.areThere)) struct DamageTests {
  let fixture = Fixture.shared

  /// KL of single drops within 3 %, against the independent computation.
  @Test func agreesWithTheReference() throws {
    let trials = try Trials([fixture.ids], in: Fixture.context())
    #expect(fixture.damage.count == 6)
    for expected in fixture.damage {
      let dropped = Droppable(expected.part, expected.layer)
      let damage = try trials.damage(of: dropped.dropped(from: .baseline))
      #expect(abs(damage.kl / expected.kl - 1) < 0.03, "\(dropped): \(damage.kl), \(expected.kl)")
      #expect(abs(damage.perplexity / expected.perplexity - 1) < 0.01, "\(dropped)")
      #expect(abs(damage.sameTop - expected.sameTop) <= 3.0 / 256, "\(dropped)")
    }
    for (layer, expected) in fixture.similarity.attention.enumerated() {
      let similarity = try #require(trials.similarity(of: Droppable(.attention, layer)))
      #expect(abs(Double(similarity) - expected) < 0.002)
    }
  }

  private func text(_ count: Int) -> TrialText {
    .text(Fixture.model.tokenizer.decode(Array(fixture.ids.prefix(count)), special: false))
  }

  private func run(
    _ measurement: DamageMeasurement, stopAfter limit: Int = .max
  ) throws -> (reports: [DamageReport], fractions: [Double], isStopped: Bool) {
    let news = Mutex<(reports: [DamageReport], fractions: [Double])>(([], []))
    let pace = Pace(
      mustPause: { false },
      giveWay: { if news.withLock({ $0.reports.count }) >= limit { throw CancellationError() } },
      report: { item in
        switch item {
        case .report(let report as DamageReport): news.withLock { $0.reports.append(report) }
        case .progress(let progress): news.withLock { $0.fractions.append(progress.fraction) }
        default: break
        }
      })
    var isStopped = false
    do { try measurement.run(in: Fixture.context(), pace) } catch is CancellationError { isStopped = true }
    let all = news.withLock { $0 }
    return (all.reports, all.fractions, isStopped)
  }

  /// Results come one by one; what was known is not measured again; a stop keeps what is done.
  @Test func fillsInStopsAndGoesOn() throws {
    // Few sublayers are left, so that there is little to measure.
    var plan = Plan.baseline
    plan.drop.attention = Set(2..<28)
    plan.drop.mlp = Set(4..<29)
    plan.heal = .linear
    let whole = DamageMeasurement.parts(of: plan, layers: 30)
    #expect(whole.count == 4 + 5 + 3 && whole[0] == Droppable(.attention, 0))
    let first = try run(DamageMeasurement(plan: plan, text: text(24), tokens: 24), stopAfter: 5)
    #expect(first.isStopped && first.reports.map(\.entries.count) == [1, 2, 3, 4, 5])
    let known = try #require(first.reports.last)
    #expect(known.tokens == 24 && known.plan.heal == .none && known.undropped.kl > 0)
    let second = try run(DamageMeasurement(plan: plan, text: text(24), tokens: 24, known: known))
    let report = try #require(second.reports.last)
    #expect(!second.isStopped && second.reports.first == known)
    #expect(report.entries.map(\.dropped) == whole && report.entries.prefix(5) == known.entries[...])
    #expect(second.fractions == second.fractions.sorted() && second.fractions.last == 1)
    // All of it was known: nothing is computed.
    let third = try run(DamageMeasurement(plan: plan, text: text(24), tokens: 24, known: report))
    #expect(third.reports == [report] && third.fractions.isEmpty)

    let entry = try #require(report[Droppable(.mlp, 3)])
    let trials = try Trials([Array(fixture.ids.prefix(24))], in: Fixture.context())
    #expect(entry.damage == (try trials.damage(of: Droppable(.mlp, 3).dropped(from: known.plan))))
  }

  /// Heads alone: one of every layer first, beside what is known of sublayers, each what a trial says.
  @Test func headsAreMeasuredOneByOne() throws {
    var plan = Plan.baseline
    plan.drop.attention = Set(2..<29)
    plan.drop[heads: 1] = Set(3..<9)
    let wanted = DamageMeasurement.heads(of: plan, counts: Array(repeating: 9, count: 30))
    #expect(wanted.count == 9 + 3 + 9)
    #expect(wanted.prefix(4).map { [$0.layer, $0.head ?? -1] } == [[0, 0], [1, 0], [29, 0], [0, 1]])
    let first = try run(
      DamageMeasurement(plan: plan, units: .heads, text: text(24), tokens: 24), stopAfter: 4)
    let known = try #require(first.reports.last)
    #expect(first.isStopped && known.entries.map(\.dropped) == Array(wanted.prefix(4)))
    let second = try run(
      DamageMeasurement(plan: plan, units: .heads, text: text(24), tokens: 24, known: known))
    let report = try #require(second.reports.last)
    #expect(report.entries.map(\.dropped) == wanted && report.entries.prefix(4) == known.entries[...])
    let data = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(DamageReport.self, from: data) == report)
    // By a plain computation, too.
    let dropped = Droppable(head: 5, ofLayer: 29), tokens = Array(fixture.ids.prefix(24))
    let changed = dropped.dropped(from: plan)
    var baseline: [[Float]] = [], kl = 0.0
    try Fixture.context().readAll(tokens) { baseline.append(Array($1)) }
    try Fixture.context(changed).readAll(tokens) { t, logits in
      func logSoftmax(_ x: [Float]) -> [Double] {
        let total = log(x.reduce(0.0) { $0 + exp(Double($1)) })
        return x.map { Double($0) - total }
      }
      let p = logSoftmax(baseline[t]), q = logSoftmax(Array(logits))
      kl += zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }
    let entry = try #require(report[dropped])
    #expect(abs(entry.damage.kl - kl / 24) < 1e-4 * max(1, kl / 24) && entry.similarity == nil)
  }

  /// The same as `pare eval` says of the drop, over the same positions.
  @Test func agreesWithEvaluation() throws {
    let plan = Droppable(.attention, 9).dropped(from: .baseline)
    let length = 64,
      chunks = stride(from: 0, to: 256, by: length).map { Array(fixture.ids[$0..<$0 + length]) }
    let evaluation = try Evaluation(
      of: fixture.ids, under: Fixture.context(plan), against: Fixture.context(), contextLength: length)
    // An evaluation scores the second half of each chunk; trials all of it.
    let whole = try Trials(chunks, in: Fixture.context()).damage(of: plan)
    let halves = try Trials(chunks.map { Array($0.prefix(length / 2)) }, in: Fixture.context()).damage(
      of: plan)
    // All but the last position of each chunk, which it leaves out.
    let rest = 2 * whole.kl - halves.kl
    #expect(abs(rest / evaluation.meanKL - 1) < 0.1, "\(rest), \(evaluation.meanKL)")
  }

  @Test func textsAreCutIntoPassages() throws {
    let model = Fixture.model
    let builtin = try TrialText.builtin.passages(model, tokens: 500)
    #expect(builtin.map(\.count) == [128, 128, 128, 116])
    #expect(Set(builtin).count == 4)
    let all = model.tokenizer.encode(Array(CalibrationText.builtin.utf8))
    #expect(builtin[0][...] == all.prefix(128))
    #expect(all.suffix(128).starts(with: builtin[3]))
    let bytes = [UInt8](CalibrationText.builtin.utf8)
    let text = try TrialText.text(bytes).passages(model, tokens: 1100)
    #expect(text.map(\.count) == [512, 512, 76] && text.joined().elementsEqual(all.prefix(1100)))
    let messages = [ChatMessage(role: .user, content: "One two three four.")]
    let prompt = try model.chatFormat.tokens(messages)
    #expect(try TrialText.conversation(messages).passages(model, tokens: 8) == [Array(prompt.suffix(8))])
    #expect(try TrialText.text([]).passages(model, tokens: 8).isEmpty)
    let identities = [TrialText.builtin, .text(Array("a".utf8)), .conversation(messages)].map(\.identity)
    #expect(Set(identities).count == 3)
  }
}
