/// A type that can be an element of a metadata array.
public protocol MetadataElement {
  /// The type code of the elements.
  static var kind: MetadataValue.Kind { get }
  /// Appends the value as the file holds it.
  func encode(into bytes: inout [UInt8])
}

extension MetadataElement where Self: FixedWidthInteger {
  public func encode(into bytes: inout [UInt8]) {
    withUnsafeBytes(of: littleEndian) { bytes.append(contentsOf: $0) }
  }
}

extension UInt8: MetadataElement { public static var kind: MetadataValue.Kind { .uint8 } }
extension Int8: MetadataElement { public static var kind: MetadataValue.Kind { .int8 } }
extension UInt16: MetadataElement { public static var kind: MetadataValue.Kind { .uint16 } }
extension Int16: MetadataElement { public static var kind: MetadataValue.Kind { .int16 } }
extension UInt32: MetadataElement { public static var kind: MetadataValue.Kind { .uint32 } }
extension Int32: MetadataElement { public static var kind: MetadataValue.Kind { .int32 } }
extension UInt64: MetadataElement { public static var kind: MetadataValue.Kind { .uint64 } }
extension Int64: MetadataElement { public static var kind: MetadataValue.Kind { .int64 } }

extension Float: MetadataElement {
  public static var kind: MetadataValue.Kind { .float32 }
  public func encode(into bytes: inout [UInt8]) { bitPattern.encode(into: &bytes) }
}

extension Double: MetadataElement {
  public static var kind: MetadataValue.Kind { .float64 }
  public func encode(into bytes: inout [UInt8]) { bitPattern.encode(into: &bytes) }
}

extension Bool: MetadataElement {
  public static var kind: MetadataValue.Kind { .bool }
  public func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

extension String: MetadataElement {
  public static var kind: MetadataValue.Kind { .string }
  public func encode(into bytes: inout [UInt8]) { Array(utf8).encode(into: &bytes) }
}

/// A string that need not be UTF-8.
extension Array: MetadataElement where Element == UInt8 {
  public static var kind: MetadataValue.Kind { .string }
  public func encode(into bytes: inout [UInt8]) {
    UInt64(count).encode(into: &bytes)
    bytes.append(contentsOf: self)
  }
}
