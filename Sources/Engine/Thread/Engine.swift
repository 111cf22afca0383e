import Foundation
import Inference

/// The engine: a model on a thread of its own, which executes commands and reports events, and never waits
/// for the screen.
public final class Engine: Sendable {
  private let mailbox: Mailbox
  private let queue = CommandQueue()
  private let watched = RequestedWatch()

  /// - Parameters:
  ///   - begin: Called on the engine thread before anything else.
  ///   - wake: Called on it when events wait to be drained, once until they are.
  public init(begin: @escaping @Sendable () -> Void = {}, wake: @escaping @Sendable () -> Void) {
    mailbox = Mailbox(wake: wake)
    let worker = EngineWorker(mailbox: mailbox, queue: queue, watch: watched)
    let thread = Thread { [queue] in
      begin()
      while true {
        switch queue.next(waits: !worker.hasIdleWork) {
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

  /// Computes and reports `watch`, now and whenever tokens or plan change, in idle time and in at most 3 % of
  /// an answer's time. nil watches nothing, at no cost.
  public func watch(_ watch: Watch?) {
    watched.set(watch)
    queue.nudge()
  }

  /// Stops the command under way and those that wait; each ends with `answerFinished` or `failed`. Analyses
  /// go on, and plans that wait are still applied.
  public func interrupt() { queue.interrupt() }

  /// Stops the analysis under way, and those that wait; each ends with `analysis(.ended)`.
  public func stopAnalyses() { queue.stopAnalyses() }

  /// The events since the last call.
  public func drain() -> [EngineEvent] { mailbox.drain() }
}
