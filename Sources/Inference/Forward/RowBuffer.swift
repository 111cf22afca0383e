/// Rows of f32 values in memory that somebody else owns; one row per token.
struct RowBuffer {
  let start: UnsafeMutablePointer<Float>
  /// Elements between the starts of two rows.
  let stride: Int

  /// `rows` rows of zeros with room for `width` elements each.
  static func allocate(rows: Int, width: Int) -> RowBuffer {
    RowBuffer(start: allocateZeroed(rows * width), stride: width)
  }

  func deallocate() { start.deallocate() }

  @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<Float> { start + index * stride }

  /// The rows from `first` on.
  func from(row first: Int) -> RowBuffer { RowBuffer(start: row(first), stride: stride) }
}

/// Memory aligned for the widest vectors, set to zero. Its pages take no memory before they are written to.
func allocateZeroed<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
  let bytes = max(count, 1) * MemoryLayout<Element>.stride
  let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
  PageMemory.zero(raw, bytes: bytes)
  return raw.assumingMemoryBound(to: Element.self)
}
