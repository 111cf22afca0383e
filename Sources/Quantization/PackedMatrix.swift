import CKernels
import GGUF
import Glibc

/// A weight matrix [rows, columns] in the layout of the kernels, in memory of its own.
///
/// Filled tile by tile, so that many threads can share the work; afterwards it is only read.
public final class PackedMatrix: @unchecked Sendable {  // written by `pack` before it is shared, then read
  public let rows: Int
  public let columns: Int
  public let format: PackedFormat
  /// Bytes that a product with the matrix reads.
  public let byteCount: Int
  private let memory: UnsafeMutableRawPointer
  private let source: MatrixSource
  /// What every product is multiplied by.
  private let factor: Float
  /// True when the file's blocks are only laid out anew; false when they are encoded in another format.
  private let keepsBlocks: Bool

  public static let tileRows = Int(PARE_TILE_ROWS)

  /// Reserves memory for `source` in `format`; nil keeps the file's own type. A format that the file's blocks
  /// already have keeps them too, so that what is held depends on the format alone.
  ///
  /// - Throws: ``MemoryError``.
  public init(_ source: MatrixSource, format: PackedFormat?) throws(MemoryError) {
    self.source = source
    rows = source.rows
    columns = source.columns
    let native = PackedFormat(holding: source.type)
    self.format = format ?? native
    // Blocks that run on over rows (I2_S) are encoded again, in a format that holds their values exactly.
    keepsBlocks =
      self.format == native && source.type.packing != nil && columns % 32 == 0
      && columns % source.type.elementsPerBlock == 0
    factor =
      source.scale * source.tensorScale
      * (keepsBlocks ? source.type.packing?.factor ?? 1 : self.format.encodedFactor)
    byteCount = Self.byteCount(source, format: format)
    memory = try Self.reserve(byteCount, for: source.tensor.name)
  }

  /// Bytes that `source` takes in `format`.
  public static func byteCount(_ source: MatrixSource, format: PackedFormat?) -> Int {
    (format ?? PackedFormat(holding: source.type)).tileBytes(columns: source.columns.roundedUp(to: 32))
      * (source.rows.roundedUp(to: tileRows) / tileRows)
  }

  deinit { munmap(memory, byteCount.roundedUp(to: Self.hugePage)) }

  private static let hugePage = 2 << 20

  /// Whole huge pages where they pay: fewer address translations while weights stream by.
  private static func reserve(_ bytes: Int, for name: String) throws(MemoryError) -> UnsafeMutableRawPointer {
    let length = bytes.roundedUp(to: hugePage)
    guard
      let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { throw MemoryError(tensor: name, bytes: length, reason: String(cString: strerror(errno))) }
    madvise(memory, length, MADV_HUGEPAGE)
    return memory
  }

  public var tiles: Int { rows.roundedUp(to: Self.tileRows) / Self.tileRows }

  /// What the kernels take.
  public var view: pare_matrix {
    pare_matrix(
      data: UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)), format: format.id,
      rows: Int32(rows.roundedUp(to: 16)), columns: Int32(columns.roundedUp(to: 32)), factor: factor,
      table: source.type.packing?.table)
  }

  /// Bits a weight, scales included.
  public var bitsPerWeight: Double { Double(byteCount) * 8 / Double(rows * columns) }

  /// Packs the tiles of `range`, encoding them where the format asks for it.
  ///
  /// - Parameter importance: What the squared error of each of the `columns` counts in encoding, such as the mean
  ///   square of its input; nil counts all alike. Not negative and finite.
  public func pack(tiles range: Range<Int>, kernels: Kernels, importance: UnsafePointer<Float>? = nil) {
    let padded = columns.roundedUp(to: 32)
    let tileBytes = format.tileBytes(columns: padded)
    let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: keepsBlocks ? 0 : 16 * padded)
    scratch.initialize(repeating: 0)
    defer { scratch.deallocate() }
    let weights = UnsafeMutableBufferPointer<Float>.allocate(capacity: importance == nil ? 0 : padded)
    weights.initialize(repeating: 0)
    defer { weights.deallocate() }
    if let importance { weights.baseAddress!.update(from: importance, count: columns) }
    for tile in range {
      let out = memory.advanced(by: tile * tileBytes).assumingMemoryBound(to: UInt8.self)
      let present = min(16, rows - tile * 16)
      if keepsBlocks {
        withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: 16) { pointers in
          for r in 0..<16 {
            pointers[r] =
              r < present ? source.row(tile * 16 + r).baseAddress?.assumingMemoryBound(to: UInt8.self) : nil
          }
          source.type.withCodebook {
            pare_pack_tile(Int32(source.type.rawValue), pointers.baseAddress!, Int32(padded), $0, out)
          }
        }
      } else {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 16) { pointers in
          for r in 0..<16 {
            guard r < present else { pointers[r] = nil; continue }
            let row = UnsafeMutableBufferPointer(rebasing: scratch[r * padded..<r * padded + columns])
            source.dequantizeBlocks(ofRow: tile * 16 + r, into: row)
            pointers[r] = UnsafePointer(row.baseAddress!)
          }
          pare_encode_tile(
            kernels.table, format.id, pointers.baseAddress!,
            importance.map { _ in UnsafePointer(weights.baseAddress!) },
            Int32(padded), out)
        }
      }
    }
  }
}

extension Int {
  /// The smallest multiple of `step` that is not below.
  package func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }
}
