import CTerminal
import Foundation
import Synchronization

/// Wakes the event loop from any thread.
///
/// Put something into a mailbox first, then `wake`: the loop gets one `.wake` event, however often it was
/// woken before it looked, and what was put before a wake is there when the event is handled.
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
