import Analysis
import Foundation
import Inference
import Synchronization

/// The commands that wait, numbered, so that an interrupt reaches exactly those that were sent before it.
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
            case .load, .answer, .recall, .tokenize: interruptedThrough.load(ordering: .relaxed)
            }
          return through >= number
        })
      condition.signal()
    }
  }

  /// Stops all commands but analyses and waiting plans: the user may be about to answer again under such a
  /// plan.
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

  /// Ends the wait of ``next(waits:)`` without a command, since there may be idle work.
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

  /// Removes the next command and returns it.
  ///
  /// - Parameter waits: Whether to wait for a command or a nudge where there is no command yet.
  func next(waits: Bool) -> Next {
    condition.withLock {
      while waits && waiting.isEmpty && !isClosed && !isNudged { condition.wait() }
      isNudged = false
      guard !isClosed else { return .end }
      return waiting.isEmpty ? .nothing : .job(begin(0))
    }
  }

  /// Removes the first command that an analysis gives way to, any but another analysis, and returns it.
  func nextUrgent() -> Job? {
    condition.withLock {
      waiting.firstIndex { !$0.command.isAnalysis }.map { begin($0) }
    }
  }

  /// Removes the command at `place`, which counts as begun.
  private func begin(_ place: Int) -> Job {
    let job = waiting.remove(at: place)
    begun = max(begun, job.number)
    return job
  }

  /// Removes the plans at the head of the queue and returns the last of them, which replaces the others.
  func nextPlan() -> Plan? {
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
