import CTerminal
import Foundation
import Synchronization

/// A way to wake the event loop from any thread.
///
/// Put a message into a mailbox first, then call `wake`: the loop gets one `.wake` event for all wakes before
/// it looked, and messages put before a wake are there when the event is handled.
public final class Waker: Sendable {
  let descriptor: Int32
  private let isPending = Atomic(false)

  init() {
    descriptor = ct_wake_open()
  }

  /// Costs a system call only if no wake is pending.
  public func wake() {
    if !isPending.exchange(true, ordering: .acquiringAndReleasing) { ct_wake(descriptor) }
  }

  /// Whether it was woken since the last call.
  func consume() -> Bool {
    ct_wake_clear(descriptor)
    return isPending.exchange(false, ordering: .acquiringAndReleasing)
  }

  deinit {
    close(descriptor)
  }
}
