/// A text as a file has it: equal to another where their bytes are, whether or not they are UTF-8.
///
/// Swift's `String` takes texts for equal that Unicode's normalisation makes so, such as `é` as one scalar
/// and as two; to files these are different names.
public struct ByteString: Sendable, Hashable {
  /// Mostly UTF-8.
  public let bytes: [UInt8]

  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  public init(_ string: String) { bytes = Array(string.utf8) }

  /// The text; bytes that are not UTF-8 are replaced by U+FFFD.
  public var string: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { self.init(value) }
}
