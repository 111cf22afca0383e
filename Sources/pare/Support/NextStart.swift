import Foundation
import Inference
import Synchronization

/// Packed weights that a command keeps for the next start, when its own work is done.
enum NextStart {
  private static let writer = Mutex<WeightCacheWriter?>(nil)

  /// Has the weights of `context` kept at the end, if they are not yet.
  static func prepare(_ context: InferenceContext) { writer.withLock { $0 = context.cacheWriter() } }

  /// Keeps them, once the output is written. ^C ends it.
  static func keep() {
    guard let writer = writer.withLock({ $0.take() }) else { return }
    do {
      while try !Interrupt.isRequested && writer.writePiece() {}
    } catch { note("\(error)") }
  }
}
