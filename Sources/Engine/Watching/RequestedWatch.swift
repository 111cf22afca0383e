import Inference
import Synchronization

/// What is to be watched: set by the screen's thread at any time, taken up by the engine's between tokens.
final class RequestedWatch: Sendable {
  private let watch = Mutex<Watch?>(nil)
  private let changes = Atomic<Int>(0)

  func set(_ new: Watch?) {
    watch.withLock { $0 = new }
    changes.wrappingAdd(1, ordering: .releasing)
  }

  var current: Watch? { watch.withLock { $0 } }

  /// Differs from what it was if there was a change since.
  var version: Int { changes.load(ordering: .acquiring) }
}
