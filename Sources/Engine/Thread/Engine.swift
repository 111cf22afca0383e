import Foundation
import Inference

/// The model on a thread of its own: takes commands, reports events, never waits for the screen.
public final class Engine: Sendable {
  private let mailbox: Mailbox
  private let queue = CommandQueue()
  private let watched = RequestedWatch()

  /// - Parameter wake: Called on the engine thread when events wait to be drained, once until they are.
  public init(wake: @escaping @Sendable () -> Void) {
    mailbox = Mailbox(wake: wake)
    let worker = EngineWorker(mailbox: mailbox, queue: queue, watch: watched)
    let thread = Thread { [queue] in
      while true {
        switch queue.take(waits: !worker.hasIdleWork) {
        case .job(let job): worker.run(job)
        case .nothing: worker.workIdly()
        case .end: return
        }
      }
    }
    thread.name = "pare engine"
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { queue.close() }

  /// Commands run one after the other, in this order; analyses give way to all others.
  public func send(_ command: EngineCommand) { queue.add(command) }

  /// Has `watch` computed and reported, now and whenever tokens or plan change, as often as it disturbs nobody: an
  /// answer loses at most 3 % of its speed to it. nil watches nothing, at no cost.
  public func watch(_ watch: Watch?) {
    watched.set(watch)
    queue.nudge()
  }

  /// Stops what is under way, and what was sent but not begun; it ends with `answerFinished` or `failed`.
  /// Analyses go on, and plans that wait are still taken.
  public func interrupt() { queue.interrupt() }

  /// Stops the analysis under way, and those that wait; it ends with `analysis(.ended)`.
  public func stopAnalyses() { queue.stopAnalyses() }

  /// The events since the last call.
  public func drain() -> [EngineEvent] { mailbox.drain() }
}
