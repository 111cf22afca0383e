import Foundation
import Inference
import ModelFiles
import Synchronization
import TestModels
import Testing
import Tokenization

@testable import Analysis

/// Plans that are sought on the default model.
@Suite(.serialized, .enabled(if: ModelFiles.areThere)) struct SearchTests {
  static let pace = Pace(mustPause: { false }, giveWay: {}, report: { _ in })

  @Test func targets() throws {
    #expect(try SearchTarget("kl<0.1") == .kl(0.1) && SearchTarget("drop=8") == .drops(8))
    #expect(try SearchTarget("bytes<=0.8") == .bytes(0.8))
    #expect("\(SearchTarget.drops(3)) \(SearchTarget.kl(0.5))" == "drop=3 kl=0.5")
    for text in ["", "kl", "kl=", "kl=-1", "kl=inf", "drop=0", "drop=1.5", "bytes=1", "bytes=80", "speed=2"] {
      #expect(throws: SearchError.self, "\(text)") { try SearchTarget(text) }
    }
    #expect(try SearchDimension.parse("attn,bits") == [.attention, .bits])
    #expect(throws: SearchError.self) { try SearchDimension.parse("attn,kv") }
    #expect(throws: SearchError.self) { try SearchDimension.parse("") }
  }

  /// A plan whose predictions are no numbers is never on the frontier, whatever it costs.
  @Test func whatIsNoNumberNeverWins() {
    func point(_ bytes: Int, _ kl: Double) -> SearchPoint {
      var size = PlanSize()
      size.weightBytes = bytes
      return SearchPoint(
        plan: .with { $0.drop.mlp = [bytes] }, method: .greedy,
        damage: Damage(kl: kl, perplexity: kl, sameTop: kl), size: size)
    }
    var report = SearchReport(target: "", searchedTokens: 1, judgedTokens: 1, baseline: point(9, 0))
    report.points = [point(1, .nan), point(5, .nan), point(5, 0.2), point(2, .infinity), point(3, 0.5)]
    #expect(report.frontier.map(\.bytesPerToken) == [9, 5, 3])
    report.points.reverse()
    #expect(report.frontier.map(\.bytesPerToken) == [9, 5, 3])
  }

  /// The two drops that do least damage together are found, as trying every pair shows.
  @Test func findsTheOptimum() throws {
    let context = try Fixture.context()
    let trials = try Trials([Array(Fixture.shared.ids.prefix(20))], in: context)
    // Eight layers are enough to choose from: the others are taken out of the question.
    var start = Plan.baseline
    start.drop.attention = Set(8..<30)
    let bench = SearchBench(trials, context.model, target: .drops(24), over: [.attention], Self.pace)
    var best: (plan: Plan, kl: Double) = (start, .infinity)
    for first in 0..<8 {
      for second in 0..<first {
        var plan = start
        plan.drop.attention.formUnion([first, second])
        let kl = try bench.kl(plan)
        if kl < best.kl { best = (plan, kl) }
      }
    }
    var found: [Plan] = []
    try bench.exchanging(from: start) { found.append($0) }
    #expect(found.count == 2 && found.last == best.plan)
    let alone = try (0..<8).map { try bench.kl(PlanMove.drop(.attention, layer: $0).applied(to: start)) }
    #expect(try bench.kl(found[0]) == alone.min())
  }

  private func search(_ search: PlanSearch, stopAfter limit: Int = .max) throws -> SearchReport? {
    let news = Mutex<(last: SearchReport?, count: Int)>((nil, 0))
    let pace = Pace(
      mustPause: { false },
      giveWay: { if news.withLock({ $0.count }) >= limit { throw CancellationError() } },
      report: { item in
        if case .report(let report as SearchReport) = item { news.withLock { $0 = (report, $0.count + 1) } }
      })
    do { try search.run(in: Fixture.context(), pace) } catch is CancellationError {}
    return news.withLock { $0.last }
  }

  private func expectFrontier(_ report: SearchReport) {
    let frontier = report.frontier
    #expect(frontier.first?.plan == .baseline && frontier.first?.damage.kl == 0)
    for (a, b) in zip(frontier, frontier.dropFirst()) {
      #expect(b.bytesPerToken < a.bytesPerToken && b.damage.kl > a.damage.kl)
    }
    for point in report.points {
      #expect(
        frontier.contains { $0.bytesPerToken <= point.bytesPerToken && $0.damage.kl <= point.damage.kl })
    }
  }

  @Test func drops() throws {
    let report = try #require(try search(PlanSearch(.drops(2), over: [.attention], tokens: 48)))
    #expect(report.searchedTokens == 36 && report.judgedTokens == 12)
    #expect(Set(report.points.map(\.method)) == Set(SearchMethod.allCases))
    #expect(Set(report.found.map(\.method)) == Set(SearchMethod.allCases))
    #expect(report.found.map(\.damage.kl) == report.found.map(\.damage.kl).sorted())
    for point in report.found {
      #expect(point.plan.drop.attention.count == 2 && point.plan.drop.mlp.isEmpty)
      #expect(point.tokensPerSecond ?? 0 > 0)
    }
    expectFrontier(report)
    // The paper's choice is the two most similar of the intact model.
    let passages = try TrialText.builtin.passages(Fixture.model, tokens: 48)
    let trials = try Trials([Array(passages[0].prefix(36))], in: Fixture.context())
    let similar = (0..<30).sorted {
      trials.similarity(of: Droppable(.attention, $0))! > trials.similarity(of: Droppable(.attention, $1))!
    }
    #expect(report.found.first { $0.method == .similarity }?.plan.drop.attention == Set(similar.prefix(2)))
  }

  @Test func bytes() throws {
    let report = try #require(try search(PlanSearch(.bytes(0.99), over: [.bits], tokens: 32)))
    #expect(!report.points.contains { $0.method == .similarity })  // it ranks no widths
    let best = try #require(report.found.first)
    #expect(Double(best.bytesPerToken) <= 0.99 * Double(Fixture.model.nativeBytesPerToken))
    #expect(best.plan.drop == Plan.Drop() && best.damage.kl < 1)
    expectFrontier(report)
  }

  @Test func divergence() throws {
    let report = try #require(try search(PlanSearch(.kl(0.06), over: [.attention], tokens: 40)))
    #expect(report.found.allSatisfy { $0.damage.kl <= 0.06 })
    #expect(report.found.map(\.bytesPerToken) == report.found.map(\.bytesPerToken).sorted())
    expectFrontier(report)
  }

  /// The plans found until a stop are reported.
  @Test func stops() throws {
    let report = try #require(
      try search(PlanSearch(.drops(2), over: [.attention], tokens: 40), stopAfter: 1))
    #expect(Set(report.points.map(\.method)) == [.similarity])
    #expect(throws: SearchError.self) {
      _ = try search(PlanSearch(.drops(2), text: .text(Array("Too short.".utf8)), tokens: 64))
    }
  }
}
