import Analysis
import Engine
import Foundation
import Inference
import Synchronization
import TestModels
import Testing
import Tokenization

/// Analyses on the engine thread: they give way to answers, go on, and end when they are told to.
@Suite(.serialized) struct AnalysisThreadTests {
  /// Pieces of work that take a moment each, and report how many are done.
  private struct Counting: AnalysisJob {
    var pieces: Int
    let log: Log
    var failure: String?

    final class Log: Sendable {
      let begun = Mutex(0)
      let done = Mutex(0)
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    func run(in context: InferenceContext, _ pace: Pace) throws {
      for _ in 0..<pieces {
        try pace.piece { isStopped in
          log.begun.withLock { $0 += 1 }
          for _ in 0..<10 {
            Thread.sleep(forTimeInterval: 0.0005)
            if isStopped() { throw CancellationError() }
          }
        }
        let done = log.done.withLock { done in
          done += 1
          return done
        }
        pace.report(.progress(WorkProgress(what: "counting", fraction: Double(done) / Double(pieces))))
      }
      if let failure { throw Failure(description: failure) }
    }
  }

  private func ends(_ events: [EngineEvent]) -> [AnalysisEnd] {
    events.compactMap { if case .analysis(.ended(let end)) = $0 { end } else { nil } }
  }

  @Test func goesOnAfterAnAnswer() throws {
    let probe = try EngineTests.probe()
    let log = Counting.Log()
    probe.engine.send(.analyse(Counting(pieces: 40, log: log)))
    while log.done.withLock({ $0 }) < 3 { Thread.sleep(forTimeInterval: 0.001) }
    let answer = try probe.answer(.greedy(1, "a", maximumTokens: 5))
    let before = log.done.withLock { $0 }
    #expect(answer.statistics?.answerTokens == 5 && before < 40)
    try probe.wait { !self.ends($0).isEmpty }
    #expect(ends(probe.events) == [.finished] && log.done.withLock { $0 } == 40)
    // A piece that was stopped was begun again.
    #expect(log.begun.withLock { $0 } >= 40)
  }

  /// Stopping an answer leaves the analysis alone, and the other way round.
  @Test func isStoppedByItself() throws {
    let probe = try EngineTests.probe()
    let log = Counting.Log()
    probe.engine.send(.analyse(Counting(pieces: 100_000, log: log)))
    probe.engine.send(.answer(.greedy(1, "a")))
    try probe.wait { $0.contains { if case .answerText(1, _) = $0 { true } else { false } } }
    probe.engine.interrupt()
    #expect(try probe.finish(1).statistics?.stop == .interrupted)
    let done = log.done.withLock { $0 }
    while log.done.withLock({ $0 }) < done + 2 { Thread.sleep(forTimeInterval: 0.001) }
    probe.engine.stopAnalyses()
    try probe.wait { !self.ends($0).isEmpty }
    #expect(ends(probe.events) == [.stopped])
    #expect(try probe.answer(.greedy(2, "b", maximumTokens: 3)).statistics?.answerTokens == 3)
  }

  @Test func anotherModelEndsIt() throws {
    try TinyModel.llama().endless.withFile { path in
      let probe = try EngineTests.probe()
      probe.engine.send(.analyse(Counting(pieces: 100_000, log: Counting.Log())))
      probe.engine.send(.load(path: path, options: EngineTests.options))
      let events = try probe.wait { $0.contains { if case .loaded = $0 { true } else { false } } }
      #expect(ends(events) == [.stopped])
    }
  }

  @Test func failuresAreToldAndNoModelIsOne() throws {
    let probe = try EngineTests.probe()
    probe.engine.send(.analyse(Counting(pieces: 1, log: Counting.Log(), failure: "no luck")))
    try probe.wait { !self.ends($0).isEmpty }
    #expect(ends(probe.events) == [.failed("no luck")])
    let empty = EngineProbe()
    empty.engine.send(.analyse(Counting(pieces: 1, log: Counting.Log())))
    try empty.wait { !self.ends($0).isEmpty }
    guard case .failed(let message)? = ends(empty.events).first else { return }
    #expect(message.contains("no model"))
  }
}
