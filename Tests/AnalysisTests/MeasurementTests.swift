import Analysis
import Foundation
import Inference
import ModelFiles
import TestModels
import Testing
import Tokenization

/// Measurements on the default model, against the independent computation and against plain counting.
@Suite(.serialized, .enabled(if: ModelFiles.areThere)) struct MeasurementTests {
  let fixture = Fixture.shared

  @Test func scores() throws {
    let scores = try TokenScores(of: fixture.ids, in: Fixture.context(), top: 5)
    #expect(scores.ids == fixture.ids && scores.logProbability.count == 255 && scores.top.count == 256)
    for (t, expected) in fixture.logprob.enumerated() {
      #expect(abs(Double(scores.logProbability[t]) - expected) < 0.02, "token \(t)")
    }
    for t in fixture.ids.indices {
      // Neighbours closer than the engine is exact may change places.
      for (rank, (token, value)) in zip(scores.top[t], scores.topLogProbability[t]).enumerated() {
        #expect(abs(Double(value) - fixture.topLogprob[t][rank]) < 0.02, "token \(t), rank \(rank)")
        #expect(fixture.top[t].contains(token), "token \(t), rank \(rank)")
      }
    }
    #expect(try TokenScores(of: [fixture.ids[0]], in: Fixture.context()).logProbability.isEmpty)
  }

  /// Read at once or token by token, the same bits; and the logits handed out are those that were scored.
  @Test func scoresOfEveryWayToRead() throws {
    let ids = Array(fixture.ids.prefix(40)), context = try Fixture.context()
    var logits: [[Float]] = [], decoded: [[Float]] = []
    let scores = try TokenScores(of: ids, in: context, each: { logits.append(Array($0)) })
    let again = try TokenScores(of: ids, in: context, decodes: true, each: { decoded.append(Array($0)) })
    #expect(scores == again && logits == decoded && logits.count == 40)
    for (t, row) in logits.dropLast().enumerated() {
      let total = log(row.reduce(0.0) { $0 + exp(Double($1)) })
      #expect(abs(Double(row[Int(ids[t + 1])]) - total - Double(scores.logProbability[t])) < 1e-4)
    }
    #expect(throws: CancellationError.self) {
      try TokenScores(of: ids, in: context, decodes: true, progress: { _ in false })
    }
  }

  @Test func ranking() throws {
    let ranking = try SimilarityRanking(over: fixture.ids, in: Fixture.context(recordsSimilarity: true))
    #expect(ranking.tokens == 256)
    for (actual, expected) in [
      (ranking.attention, fixture.similarity.attention), (ranking.mlp, fixture.similarity.mlp),
      (ranking.block, fixture.similarity.block),
    ] {
      #expect(actual.count == 30)
      for (layer, expected) in expected.enumerated() {
        #expect(abs(Double(try #require(actual[layer])) - expected) < 0.002, "layer \(layer)")
      }
    }
  }

  @Test func rankingUnderAPlan() throws {
    let plan = fixture.dropped.plan
    let ranking = try SimilarityRanking(
      over: Array(fixture.ids.prefix(32)), in: Fixture.context(plan, recordsSimilarity: true))
    for layer in 0..<30 {
      #expect((ranking.attention[layer] == nil) == plan.drop.attention.contains(layer))
      #expect((ranking.mlp[layer] == nil) == plan.drop.mlp.contains(layer))
      #expect(ranking.block[layer] != nil)
    }
    let nothing = SimilarityReport(tokens: [], attention: [[]], mlp: [[]], block: [[]])
    #expect(SimilarityRanking(nothing).block == [nil])
  }

  /// The second half of every chunk is scored, as llama-perplexity does; what is left over is not.
  @Test func evaluation() throws {
    let length = 60, ids = fixture.ids  // four chunks, and 16 tokens more
    let context = try Fixture.context(fixture.dropped.plan), baseline = try Fixture.context()
    let evaluation = try Evaluation(of: ids, under: context, against: baseline, contextLength: length)
    var sums = (baseline: 0.0, plan: 0.0), count = 0, same = 0
    for start in stride(from: 0, to: 240, by: length) {
      let chunk = Array(ids[start..<start + length])
      let plain = try TokenScores(of: chunk, in: baseline, top: 1)
      let planned = try TokenScores(of: chunk, in: context, top: 1)
      for t in 30..<59 {
        sums.baseline += Double(plain.logProbability[t])
        sums.plan += Double(planned.logProbability[t])
        same += plain.top[t] == planned.top[t] ? 1 : 0
        count += 1
      }
    }
    #expect(evaluation.tokens == count && count == 4 * 29)
    #expect(abs(evaluation.perplexity - exp(-sums.plan / Double(count))) < 1e-6)
    #expect(abs(evaluation.baselinePerplexity - exp(-sums.baseline / Double(count))) < 1e-6)
    #expect(evaluation.sameTop == Double(same) / Double(count))
    #expect(evaluation.kl == evaluation.kl.sorted() && evaluation.kl.count == count)
    #expect(evaluation.meanKL > 0.01 && evaluation.meanJS > 0 && evaluation.meanJS < evaluation.meanKL)
    #expect(evaluation.klQuantile(0) == evaluation.kl[0])
    #expect(evaluation.klQuantile(1) == evaluation.kl[count - 1])
    #expect(evaluation.klQuantile(0.5) == evaluation.kl[count / 2])
  }

  /// A plan that computes no numbers is not taken for the baseline.
  @Test func whatIsNoNumberIsNotPerfect() throws {
    var tiny = TinyModel.llama()
    let index = tiny.tensors.firstIndex { $0.name == "blk.2.ffn_up.weight" }!
    (tiny.tensors[index].type, tiny.tensors[index].scale, tiny.tensors[index].mean) = (.f32, 0, .nan)
    try tiny.withFile { path in
      let model = try Model(path: path), sound = Plan.with { $0.drop.mlp = [2] }
      let context = try InferenceContext(model, threads: 1, context: 64, recordsSimilarity: true)
      let baseline = try InferenceContext(model, plan: sound, threads: 1, context: 64)
      let ids: [Token] = (0..<32).map { 5 + $0 }
      let evaluation = try Evaluation(of: ids, under: context, against: baseline, contextLength: 16)
      #expect(evaluation.perplexity.isNaN && evaluation.baselinePerplexity.isFinite)
      #expect(evaluation.meanKL.isNaN && evaluation.klQuantile(0.5).isNaN && evaluation.meanJS.isNaN)
      #expect(evaluation.sameTop.isNaN)
      let divergence = try AnswerDivergence(of: [5, 6], after: [7], under: context, against: baseline)
      #expect(divergence.meanKL?.isNaN == true && divergence.sameTop?.isNaN == true)
      let ranking = try SimilarityRanking(over: ids, in: context)
      #expect(ranking.attention[2]?.isFinite == true && ranking.mlp[2]?.isNaN == true)
      #expect(ranking.block[4]?.isNaN == true)
      let pace = Pace(mustPause: { false }, giveWay: {}, report: { _ in })
      let search = PlanSearch(.drops(1), text: .text(Array(repeating: 65, count: 64)), tokens: 64)
      let error = #expect(throws: SearchError.self) { try search.run(in: context, pace) }
      #expect(error?.description.contains("blk.2.ffn_up.weight") == true)
    }
  }

  @Test func theBaselineDoesNoDamage() throws {
    let evaluation = try Evaluation(
      of: Array(fixture.ids.prefix(64)), under: Fixture.context(), against: Fixture.context(),
      contextLength: 32)
    #expect(evaluation.meanKL == 0 && evaluation.meanJS < 1e-12 && evaluation.sameTop == 1)
    #expect(evaluation.perplexity == evaluation.baselinePerplexity)
  }

  @Test func evaluationsThatEndEarly() throws {
    let context = try Fixture.context(), baseline = try Fixture.context()
    let error = #expect(throws: Evaluation.Failure.self) {
      try Evaluation(
        of: Array(fixture.ids.prefix(31)), under: context, against: baseline, contextLength: 32)
    }
    #expect(error?.description.contains("31 tokens") == true)
    #expect(throws: CancellationError.self) {
      try Evaluation(of: fixture.ids, under: context, against: baseline, contextLength: 64) { _ in false }
    }
  }

  @Test func speed() throws {
    var test = SpeedTest()
    test.promptTokens = 16
    test.decodedTokens = 4
    test.repetitions = 2
    test.depth = 10
    let context = try Fixture.context()
    let result = try test.run(in: context)
    #expect(result.prefill.count == 2 && result.decode.count == 2)
    #expect((result.prefill + result.decode).allSatisfy { $0 > 0 && $0.isFinite })
    #expect(context.tokens.count == 14)
    test.depth = 253
    #expect(throws: ContextError.full(needed: 257, capacity: 256)) { try test.run(in: context) }
    test.depth = 0
    #expect(throws: CancellationError.self) { try test.run(in: context) { _ in false } }
    test.promptTokens = 0
    #expect(try test.run(in: context).prefill.isEmpty)
  }
}
