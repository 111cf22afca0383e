import Synchronization

/// A flag that asks work on other threads to stop.
public final class StopFlag: Sendable {
  private let value = Atomic<Bool>(false)
  /// A flag that is not set.
  public init() {}
  /// Whether the work is to stop.
  public var isSet: Bool { value.load(ordering: .relaxed) }
  /// Asks the work to stop.
  public func set() { value.store(true, ordering: .relaxed) }

}
