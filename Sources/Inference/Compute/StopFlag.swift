import Synchronization

/// Tells work on other threads to stop.
public final class StopFlag: Sendable {
  private let value = Atomic<Bool>(false)
  public init() {}
  public var isSet: Bool { value.load(ordering: .relaxed) }
  public func set() { value.store(true, ordering: .relaxed) }

}
