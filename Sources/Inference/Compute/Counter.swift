import Synchronization

/// Hands out 0, 1, 2, … to many threads, one by one or several at once.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .relaxed) }

  /// The first of the next `amount`.
  func take(_ amount: Int = 1) -> Int { count.wrappingAdd(amount, ordering: .relaxed).oldValue }
}
