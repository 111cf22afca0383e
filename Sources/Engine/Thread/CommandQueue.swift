import Analysis
import Foundation
import Inference
import Synchronization

/// Commands that wait, numbered, so that an interrupt reaches exactly those that were sent before it.
final class CommandQueue: @unchecked Sendable {  // guarded by `condition`
  /// A command, and whether the user has stopped it.
  struct Job: Sendable {
    let number: Int
    let command: EngineCommand
    let isInterrupted: @Sendable () -> Bool
  }

  private let condition = NSCondition()
  private var waiting: [Job] = []
  private var added = 0
  private var begun = 0
  private var isClosed = false
  private var isNudged = false
  private let interruptedThrough = Atomic<Int>(0)
  private let plansInterruptedThrough = Atomic<Int>(0)
  private let analysesStoppedThrough = Atomic<Int>(0)

  func add(_ command: EngineCommand) {
    condition.withLock {
      added += 1
      let number = added
      waiting.append(
        Job(number: number, command: command) { [self] in
          let through =
            switch command {
            case .analyse: analysesStoppedThrough.load(ordering: .relaxed)
            case .use: plansInterruptedThrough.load(ordering: .relaxed)
            case .load, .answer, .recall: interruptedThrough.load(ordering: .relaxed)
            }
          return through >= number
        })
      condition.signal()
    }
  }

  /// Stops all but analyses, and plans that wait: whoever chose one may be about to answer again under it.
  func interrupt() {
    condition.withLock {
      interruptedThrough.store(added, ordering: .relaxed)
      plansInterruptedThrough.store(begun, ordering: .relaxed)
    }
  }

  func stopAnalyses() { condition.withLock { analysesStoppedThrough.store(added, ordering: .relaxed) } }

  func close() {
    condition.withLock {
      isClosed = true
      interruptedThrough.store(.max, ordering: .relaxed)
      plansInterruptedThrough.store(.max, ordering: .relaxed)
      analysesStoppedThrough.store(.max, ordering: .relaxed)
      condition.signal()
    }
  }

  /// Has whoever waits for a command look whether there is something else to do.
  func nudge() {
    condition.withLock {
      isNudged = true
      condition.signal()
    }
  }

  enum Next {
    case job(Job)
    case nothing
    /// The queue is closed.
    case end
  }

  /// The next command. Without one, waits for it or for a nudge, or says at once that there is nothing.
  func take(waits: Bool) -> Next {
    condition.withLock {
      while waits && waiting.isEmpty && !isClosed && !isNudged { condition.wait() }
      isNudged = false
      guard !isClosed else { return .end }
      return waiting.isEmpty ? .nothing : .job(begin(0))
    }
  }

  /// What an analysis gives way to: the first command that is none itself.
  func takeUrgent() -> Job? {
    condition.withLock {
      waiting.firstIndex { !$0.command.isAnalysis }.map { begin($0) }
    }
  }

  private func begin(_ place: Int) -> Job {
    let job = waiting.remove(at: place)
    begun = max(begun, job.number)
    return job
  }

  /// The newest of the plans that wait before anything else; those before it are passed over.
  func takePlan() -> Plan? {
    condition.withLock {
      var newest: Plan?
      while case .use(let plan)? = waiting.first?.command {
        newest = plan
        _ = begin(0)
      }
      return newest
    }
  }

  var hasPlan: Bool { condition.withLock { if case .use? = waiting.first?.command { true } else { false } } }
  var hasUrgent: Bool { condition.withLock { waiting.contains { !$0.command.isAnalysis } } }
  var hasLoad: Bool { condition.withLock { waiting.contains { $0.command.isLoad } } }
}

extension EngineCommand {
  fileprivate var isAnalysis: Bool { if case .analyse = self { true } else { false } }
  fileprivate var isLoad: Bool { if case .load = self { true } else { false } }
}
