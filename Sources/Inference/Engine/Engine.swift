import Foundation
import Synchronization

/// The model on a thread of its own: takes commands, reports events, never waits for the screen.
public final class Engine: Sendable {
  private let mailbox: Mailbox
  private let queue = Queue()
  private let watched = WatchSlot()

  /// - Parameter wake: Called on the engine thread when events wait to be drained, once until they are.
  public init(wake: @escaping @Sendable () -> Void) {
    mailbox = Mailbox(wake: wake)
    let worker = EngineWorker(mailbox: mailbox, watch: watched)
    let thread = Thread { [queue] in
      while true {
        switch queue.take(waits: !worker.isWatching) {
        case .command(let command, let isInterrupted): worker.run(command, isInterrupted)
        case .nothing: worker.watch()
        case .end: return
        }
      }
    }
    thread.name = "pare engine"
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { queue.close() }

  /// Commands run one after the other, in this order.
  public func send(_ command: EngineCommand) { queue.add(command) }

  /// Has `watch` computed and reported, now and whenever tokens or plan change, as often as it disturbs nobody: an
  /// answer loses at most 3 % of its speed to it. nil watches nothing, at no cost.
  public func watch(_ watch: Watch?) {
    watched.set(watch)
    queue.nudge()
  }

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
  private var isNudged = false
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

  /// Has whoever waits for a command look whether there is something else to do.
  func nudge() {
    condition.withLock {
      isNudged = true
      condition.signal()
    }
  }

  enum Next {
    case command(EngineCommand, isInterrupted: @Sendable () -> Bool)
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
      guard !waiting.isEmpty else { return .nothing }
      taken += 1
      let number = taken
      return .command(
        waiting.removeFirst(),
        isInterrupted: { self.interruptedThrough.load(ordering: .relaxed) >= number })
    }
  }
}
