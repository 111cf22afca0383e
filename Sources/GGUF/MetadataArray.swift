/// An array of a GGUF file's metadata, kept as the bytes of the file and decoded when asked for, so that
/// opening a file with a vocabulary of a quarter million pieces costs no allocation per piece.
public struct MetadataArray: Sendable {
  /// The type of every element; never `.array`.
  public let elementKind: MetadataValue.Kind
  /// The number of elements.
  public let count: Int
  private let storage: Storage

  private enum Storage: Sendable {
    case owned([UInt8])
    case mapped(MappedFile, Range<Int>)
  }

  /// An array made by hand.
  public init<Element: MetadataElement>(_ elements: [Element]) {
    var bytes: [UInt8] = []
    for element in elements { element.encode(into: &bytes) }
    elementKind = Element.kind
    count = elements.count
    storage = .owned(bytes)
  }

  private init(kind: MetadataValue.Kind, count: Int, bytes: [UInt8]) {
    elementKind = kind
    self.count = count
    storage = .owned(bytes)
  }

  /// The elements at `indices`, in their order.
  public func selecting(_ indices: [Int]) -> MetadataArray {
    if let strings = byteStrings { return MetadataArray(indices.map { strings[$0] }) }
    return withBytes { bytes in
      let size = bytes.count / max(1, count)
      let chosen = indices.flatMap { bytes[$0 * size..<($0 + 1) * size] }
      return MetadataArray(kind: elementKind, count: indices.count, bytes: chosen)
    }
  }

  /// An array whose bytes were found to be well formed.
  init(kind: MetadataValue.Kind, count: Int, file: MappedFile, range: Range<Int>) {
    elementKind = kind
    self.count = count
    storage = .mapped(file, range)
  }

  /// The elements as the file holds them, without kind and count.
  func withBytes<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .owned(let bytes):
      try bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in try body(UnsafeRawBufferPointer(bytes)) }
    case .mapped(let file, let range): try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    }
  }

  /// The elements if they are strings. They are bytes because a vocabulary's pieces need not be UTF-8.
  public var byteStrings: [[UInt8]]? {
    guard elementKind == .string else { return nil }
    var strings: [[UInt8]] = []
    strings.reserveCapacity(count)
    return forEachByteString { strings.append(Array($0)) } ? strings : nil
  }

  /// Calls `body` with the bytes of each element; false if the elements are not strings. Allocating an array
  /// for each of half a million merges would take longer than reading them.
  func forEachByteString<Failure>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    guard elementKind == .string else { return false }
    return try withBytes { (bytes) throws(Failure) in
      var offset = 0
      for _ in 0..<count {
        // Checked again, though it was when the file was opened: another program may write to the file.
        guard bytes.count - offset >= 8,
          let length = Int(exactly: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
          length <= bytes.count - offset - 8
        else { return false }
        let string = UnsafeRawBufferPointer(rebasing: bytes[offset + 8..<offset + 8 + length])
        try body(string.bindMemory(to: UInt8.self))
        offset += 8 + length
      }
      return true
    }
  }

  /// The elements if they are whole numbers that fit an `Int`.
  public var integers: [Int]? {
    switch elementKind {
    case .uint8: map(UInt8.self) { Int($0) }
    case .int8: map(Int8.self) { Int($0) }
    case .uint16: map(UInt16.self) { Int($0) }
    case .int16: map(Int16.self) { Int($0) }
    case .uint32: map(UInt32.self) { Int($0) }
    case .int32: map(Int32.self) { Int($0) }
    case .int64: map(Int64.self) { Int($0) }
    case .uint64:
      map(UInt64.self) { $0 }.contains { $0 > Int.max }
        ? nil : map(UInt64.self) { Int(truncatingIfNeeded: $0) }
    case .float32, .float64, .bool, .string, .array: nil
    }
  }

  /// The elements if they are numbers, rounded to `Float`.
  public var numbers: [Float]? {
    switch elementKind {
    case .float32: map(Float.self) { $0 }
    case .float64: map(Double.self) { Float($0) }
    default: integers?.map { Float($0) }
    }
  }

  /// The elements if they are truth values; any byte but 0 is true.
  public var bools: [Bool]? {
    elementKind == .bool ? map(UInt8.self) { $0 != 0 } : nil
  }

  private func map<T: BitwiseCopyable, Result>(_ type: T.Type, _ transform: (T) -> Result) -> [Result] {
    withBytes { bytes in
      (0..<count).map {
        transform(bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
      }
    }
  }
}

extension MetadataArray: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.elementKind == right.elementKind && left.count == right.count
      && left.withBytes { left in right.withBytes { left.elementsEqual($0) } }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(elementKind)
    withBytes { hasher.combine(bytes: $0) }
  }
}
