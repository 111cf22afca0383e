import Dispatch
import Engine
import Foundation
import Inference

/// An engine, and all it has reported.
final class EngineProbe {
  let engine: Engine
  var events: [EngineEvent] = []
  private let wakes: Wakes

  /// Counts what the engine thread calls.
  final class Wakes: @unchecked Sendable {  // guarded by the semaphore and the lock
    let semaphore = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var count = 0

    func wake() {
      lock.withLock { count += 1 }
      semaphore.signal()
    }
    var total: Int { lock.withLock { count } }
  }

  init() {
    let wakes = Wakes()
    self.wakes = wakes
    engine = Engine(wake: wakes.wake)
  }

  /// An engine with a model.
  convenience init(loading path: String, options: LoadOptions) throws {
    self.init()
    engine.send(.load(path: path, options: options))
    try wait { events in
      events.contains { if case .planInUse = $0 { true } else { false } }
    }
    events = []
  }

  var wakeCount: Int { wakes.total }

  struct Timeout: Error {}

  /// Gathers events until `done` holds of all of them.
  @discardableResult
  func wait(seconds: Double = 60, until done: ([EngineEvent]) -> Bool) throws -> [EngineEvent] {
    let deadline = DispatchTime.now() + seconds
    while true {
      events += engine.drain()
      if done(events) { return events }
      guard wakes.semaphore.wait(timeout: deadline) == .success else { throw Timeout() }
    }
  }

  /// Sends a request and waits for its end.
  func answer(_ request: AnswerRequest) throws -> AnswerRecord {
    engine.send(.answer(request))
    return try finish(request.id)
  }

  /// Waits for the end of an answer.
  func finish(_ id: Int) throws -> AnswerRecord {
    let events = try wait { events in events.contains { AnswerRecord.ends($0, id) } }
    self.events = []
    return AnswerRecord(events, id: id)
  }
}

/// The events of one answer.
struct AnswerRecord {
  var started: (promptTokens: Int, reusedTokens: Int)?
  var tokens: [AnswerToken] = []
  var statistics: AnswerStatistics?
  var failure: String?
  /// All events, in order.
  var events: [EngineEvent]

  var text: String { tokens.map(\.text).joined() }
  /// Without what is left of an unfinished character.
  var ids: [Int] { tokens.map(\.id).filter { $0 >= 0 } }

  init(_ events: [EngineEvent], id: Int) {
    self.events = events
    for event in events {
      switch event {
      case .answerStarted(id, let prompt, let reused): started = (prompt, reused)
      case .answerText(id, let tokens): self.tokens += tokens
      case .answerFinished(id, let statistics): self.statistics = statistics
      case .failed(.answer(id), let message): failure = message
      default: break
      }
    }
  }

  static func ends(_ event: EngineEvent, _ id: Int) -> Bool {
    switch event {
    case .answerFinished(id, _), .failed(.answer(id), _): true
    default: false
    }
  }
}

extension AnswerRequest {
  /// A request at temperature 0.
  static func greedy(
    _ id: Int, _ text: String, plan: Plan = .baseline, maximumTokens: Int? = nil
  ) -> AnswerRequest {
    var sampling = SamplingOptions()
    sampling.temperature = 0
    return AnswerRequest(
      id: id, messages: [ChatMessage(role: .user, content: text)], plan: plan, sampling: sampling,
      maximumTokens: maximumTokens)
  }
}
