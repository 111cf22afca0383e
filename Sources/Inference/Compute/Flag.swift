import Synchronization

/// A flag that any thread sets and others look at.
public final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  public init() {}
  public var isSet: Bool { value.load(ordering: .relaxed) }
  public func set() { value.store(true, ordering: .relaxed) }
  public func clear() { value.store(false, ordering: .relaxed) }
}
