import Foundation
import Synchronization

/// The model on a thread of its own: takes commands, reports events, never waits for the screen.
public final class Engine: Sendable {
  private let mailbox: Mailbox
  private let queue = Queue()

  /// - Parameter wake: Called on the engine thread when events wait to be drained, once until they are.
  public init(wake: @escaping @Sendable () -> Void) {
    mailbox = Mailbox(wake: wake)
    let worker = EngineWorker(mailbox: mailbox)
    let thread = Thread { [queue] in
      while let (command, isInterrupted) = queue.take() { worker.run(command, isInterrupted) }
    }
    thread.name = "pare engine"
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { queue.close() }

  /// Commands run one after the other, in this order.
  public func send(_ command: EngineCommand) { queue.add(command) }

  /// Stops what is under way, and what was sent but not begun; it ends with `answerFinished` or `failed`.
  public func interrupt() { queue.interrupt() }

  /// The events since the last call.
  public func drain() -> [EngineEvent] { mailbox.drain() }
}

/// Commands that wait, numbered, so that an interrupt reaches exactly those that were sent before it.
private final class Queue: @unchecked Sendable {  // guarded by `condition`
  private let condition = NSCondition()
  private var waiting: [EngineCommand] = []
  private var taken = 0
  private var isClosed = false
  private let interruptedThrough = Atomic<Int>(0)

  func add(_ command: EngineCommand) {
    condition.withLock {
      waiting.append(command)
      condition.signal()
    }
  }

  func interrupt() {
    condition.withLock { interruptedThrough.store(taken + waiting.count, ordering: .relaxed) }
  }

  func close() {
    condition.withLock {
      isClosed = true
      interruptedThrough.store(.max, ordering: .relaxed)
      condition.signal()
    }
  }

  /// Waits for a command; nil when the queue is closed.
  func take() -> (EngineCommand, @Sendable () -> Bool)? {
    condition.withLock {
      while waiting.isEmpty && !isClosed { condition.wait() }
      guard !isClosed else { return nil }
      taken += 1
      let number = taken
      return (waiting.removeFirst(), { self.interruptedThrough.load(ordering: .relaxed) >= number })
    }
  }
}
