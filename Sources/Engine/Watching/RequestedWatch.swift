import Inference
import Synchronization

/// The watch that is asked for: set by the screen's thread at any time, read by the engine's between tokens.
final class RequestedWatch: Sendable {
  private let watch = Mutex<Watch?>(nil)
  private let changes = Atomic<Int>(0)

  func set(_ new: Watch?) {
    watch.withLock { $0 = new }
    changes.wrappingAdd(1, ordering: .releasing)
  }

  var current: Watch? { watch.withLock { $0 } }

  /// A number that each change increases.
  var version: Int { changes.load(ordering: .acquiring) }
}
