import CKernels

/// Attention of a block of queries over tiles of keys and values, all chunks on one worker: the case that
/// comparisons of kernel sets compute.
public struct AttentionJob {
  /// Packed keys, in tiles of PARE_KV_TILE positions as `CKernels.h` lays them out.
  public var keyTiles: [UInt8]
  /// Bits of an element of a key: 16, 8 or 4.
  public var keyBits: Int
  /// Elements of a key.
  public var keyWidth: Int
  /// Packed values, in tiles like the keys.
  public var valueTiles: [UInt8]
  /// Bits of an element of a value: 16, 8 or 4.
  public var valueBits: Int
  /// Elements of a value.
  public var valueWidth: Int
  /// [query, key width], at most PARE_QUERY_BLOCK.
  public var queries: [Float]
  /// The first and last position each query sees.
  public var seen: [ClosedRange<Int>]
  /// Scores s become softCap · tanh(s / softCap); 0 leaves them.
  public var softCap: Float = 0
  /// A score that takes its part of every softmax and has no value; -∞ for none.
  public var sink: Float = -.infinity

  public init(
    keyTiles: [UInt8], keyBits: Int, keyWidth: Int, valueTiles: [UInt8], valueBits: Int, valueWidth: Int,
    queries: [Float], seen: [ClosedRange<Int>], softCap: Float = 0, sink: Float = -.infinity
  ) {
    self.keyTiles = keyTiles
    self.keyBits = keyBits
    self.keyWidth = keyWidth
    self.valueTiles = valueTiles
    self.valueBits = valueBits
    self.valueWidth = valueWidth
    self.queries = queries
    self.seen = seen
    self.softCap = softCap
    self.sink = sink
  }

  /// Computes the attention outputs: [query, value width].
  public func run(_ kernels: pare_kernels) -> [Float] {
    let size = Int(PARE_CHUNK), count = seen.count
    let firstChunk = seen.map(\.lowerBound).min()! / size
    let chunks = firstChunk...seen.map(\.upperBound).max()! / size
    let stride = Int(PARE_PARTIAL_VALUES) + valueWidth.roundedUp(to: 32)
    var partials = [Float](repeating: .nan, count: count * chunks.count * stride)
    var outputs = [Float](repeating: .nan, count: count * valueWidth)
    partials.withUnsafeMutableBufferPointer { partials in
      queries.withUnsafeBufferPointer { queries in
        keyTiles.withUnsafeBufferPointer { keys in
          valueTiles.withUnsafeBufferPointer { values in
            var attention = pare_attention()
            attention.keys = keys.baseAddress
            attention.values = values.baseAddress
            attention.count = Int32(count)
            attention.key_bits = Int32(keyBits)
            attention.value_bits = Int32(valueBits)
            attention.key_width = Int32(keyWidth)
            attention.value_width = Int32(valueWidth)
            attention.scale = 1 / Float(keyWidth).squareRoot()
            attention.soft_cap = softCap
            for chunk in chunks {
              attention.chunk = Int32(chunk)
              for (q, seen) in seen.enumerated() {
                attention.set(
                  q, query: queries.baseAddress! + q * keyWidth,
                  partial: partials.baseAddress! + (q * chunks.count + chunk - firstChunk) * stride,
                  first: seen.lowerBound, last: seen.upperBound)
              }
              kernels.attend(&attention)
            }
          }
        }
      }
      for q in 0..<count {
        kernels.combine(
          partials.baseAddress! + q * chunks.count * stride, stride, Int32(chunks.count), Int32(valueWidth),
          sink, &outputs[q * valueWidth])
      }
    }
    return outputs
  }
}

extension pare_attention {
  /// Sets the `index`-th query: its values, the place of its partial result, and the positions it sees.
  ///
  /// C arrays come as tuples; their elements are laid out as in C.
  @inline(__always)
  public mutating func set(
    _ index: Int, query: UnsafePointer<Float>, partial: UnsafeMutablePointer<Float>, first: Int, last: Int
  ) {
    func put<Tuple, Element>(_ tuple: inout Tuple, _ element: Element) {
      withUnsafeMutableBytes(of: &tuple) {
        $0.storeBytes(of: element, toByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
      }
    }
    put(&queries, Optional(query))
    put(&partials, Optional(partial))
    put(&self.first, Int32(first))
    put(&self.last, Int32(last))
  }
}
