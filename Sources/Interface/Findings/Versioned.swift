/// A value with a version, which each assignment renews: two are equal when they are of the same version.
///
/// It makes comparing as cheap as comparing two pointers, for values that are large, or that hold NaN and so
/// are not equal to themselves. Equal values that were assigned apart from each other count as different.
@propertyWrapper
struct Versioned<Value: Sendable>: Sendable, Equatable {
  private final class Version: Sendable {}

  var wrappedValue: Value { didSet { version = Version() } }
  private var version = Version()

  /// The value with its version.
  var projectedValue: Self { self }

  init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  static func == (one: Self, other: Self) -> Bool { one.version === other.version }
}
