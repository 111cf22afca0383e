import Engine
import Foundation
import Inference
import TestModels
import Testing

/// Reruns on the engine thread: what an earlier answer said is checked, and no more.
@Suite(.serialized) struct DraftEngineTests {
  private func probe() throws -> EngineProbe {
    try TinyModel.llama().endless.withFile {
      try EngineProbe(loading: $0, options: LoadOptions(threads: 1, context: 512))
    }
  }

  private func request(_ id: Int, _ plan: Plan, draft: Int = 31, drafts: [[Int]] = []) -> AnswerRequest {
    var request = AnswerRequest.greedy(id, "tell me", plan: plan, maximumTokens: 120)
    (request.sampling.temperature, request.sampling.seed, request.sampling.draft) = (1, 11, draft)
    request.drafts = drafts
    return request
  }

  private func dropping(_ layer: Int) -> Plan {
    var plan = Plan()
    plan.drop.attention = [layer]
    return plan
  }

  @Test func aRerunIsAFreshRun() throws {
    let probe = try probe()
    let first = try probe.answer(request(1, .baseline, draft: 0))
    #expect(first.statistics?.draft == nil)
    for layer in [4, 0, 2] {
      let plan = dropping(layer)
      let rerun = try probe.answer(request(2, plan, drafts: [first.ids]))
      let fresh = try self.probe().answer(request(3, plan, draft: 0))
      #expect(rerun.ids == fresh.ids && rerun.text == fresh.text)
    }
    let again = try probe.answer(request(4, .baseline, drafts: [first.ids]))
    #expect(again.ids == first.ids && (again.statistics?.draft?.accepted ?? 0) > 90)
    // Tokens that there are not are no guesses.
    let odd = try probe.answer(request(5, .baseline, drafts: [[-1, .max, .min, 99, 1 << 33], []]))
    #expect(odd.ids == first.ids)
  }

  /// Fifty quick changes of plan, some of them in mid-answer, end in the state of the last one; neither memory nor
  /// threads grow.
  @Test func fiftyQuickTogglesEndInTheLastState() throws {
    let probe = try probe()
    var answers = [try probe.answer(request(1, .baseline)).ids]
    func threads() -> Int {
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }
    func resident() -> Int {
      let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
      return (fields?.dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
    func toggle(_ rounds: Range<Int>) throws {
      for round in rounds {
        let plan = round % 3 == 2 ? Plan.baseline : dropping(round % 5)
        probe.engine.send(.use(plan))
        if round % 2 == 0 {
          probe.engine.send(.answer(request(100 + round, plan, drafts: Array(answers.suffix(4)))))
          if round % 4 == 0 { probe.engine.interrupt() }
          answers.append(try probe.finish(100 + round).ids)
        }
      }
    }
    try toggle(0..<10)
    let (threadsBefore, residentBefore) = (threads(), resident())
    try toggle(10..<60)
    let last = try probe.answer(request(2, dropping(3), drafts: Array(answers.suffix(4))))
    #expect(threads() <= threadsBefore + 1)
    #expect(resident() < residentBefore + 64 << 20)
    let fresh = try self.probe().answer(request(3, dropping(3), draft: 0))
    #expect(last.ids == fresh.ids && last.statistics?.stop == fresh.statistics?.stop)
  }
}
