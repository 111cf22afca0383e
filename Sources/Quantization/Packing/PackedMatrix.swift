import CKernels
import GGUF
import Synchronization

/// A weight matrix [rows, columns] in the layout of the kernels.
///
/// Filled piece by piece, so that many threads can share the work; afterwards it is only read.
public final class PackedMatrix: @unchecked Sendable {  // written by `pack` before it is shared, then read
  public let rows: Int
  public let columns: Int
  public let format: PackedFormat
  /// Bytes that a product with the matrix reads.
  public let byteCount: Int
  private let storage: WeightMemory
  let source: MatrixSource
  let rotation: MatrixRotation?
  /// The factor of every product.
  private let factor: Float
  /// True when the file's blocks are only laid out anew; false when they are encoded in another format.
  let keepsBlocks: Bool
  /// Encoded weights are held divided by this power of two, and products multiplied by it; see ``widened()``.
  let exponent: Int
  /// The bits of ``largestWeight``, which are in the order of the numbers.
  let largest = Atomic<UInt32>(0)

  public static let tileRows = Int(PARE_TILE_ROWS)

  /// Reserves memory for `source` in `format`; nil keeps the file's own type. A format that the file's blocks
  /// already have keeps them too, so that what is held depends on the format and the rotation alone.
  ///
  /// - Parameter rotation: Merged into the values; needs a format that can be encoded.
  /// - Throws: ``MemoryError``.
  public convenience init(
    _ source: MatrixSource, format: PackedFormat?, rotation: MatrixRotation? = nil
  ) throws(MemoryError) {
    try self.init(source, format: format, rotation: rotation, exponent: 0)
  }

  init(
    _ source: MatrixSource, format: PackedFormat?, rotation: MatrixRotation?, exponent: Int
  ) throws(MemoryError) {
    self.source = source
    self.rotation = rotation
    rows = source.rows
    columns = source.columns
    let native = PackedFormat(holding: source)
    self.format = PackedFormat(format, of: source)
    keepsBlocks =
      rotation == nil && self.format == native && source.type.packing != nil && columns % 32 == 0
      && columns % source.type.elementsPerBlock == 0
    self.exponent = exponent
    factor =
      source.scale
      * (keepsBlocks && self.format == .wholeTernary
        ? source.wholeScale
        : source.tensorScale
          * (keepsBlocks
            ? source.type.packing?.factor ?? 1 : self.format.encodedFactor * Float.power(ofTwo: exponent)))
    byteCount = Self.byteCount(source, format: format)
    storage = try WeightMemory(byteCount: byteCount, for: source.tensor.name)
  }

  /// Bytes that `source` takes in `format`.
  public static func byteCount(_ source: MatrixSource, format: PackedFormat?) -> Int {
    PackedFormat(format, of: source).tileBytes(columns: source.columns.roundedUp(to: 32))
      * (source.rows.roundedUp(to: tileRows) / tileRows)
  }

  private var memory: UnsafeMutableRawPointer { storage.pointer }

  /// What was packed, filled up with zeros to whole pages.
  public var pages: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount)
  }

  /// Fills bytes of the pages with what packing made of the same source, format and rotation earlier.
  ///
  /// - Returns: What `read` returned.
  public func fill(_ range: Range<Int>, by read: (UnsafeMutableRawBufferPointer) -> Bool) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= storage.byteCount)
    return read(UnsafeMutableRawBufferPointer(start: storage.pointer + range.lowerBound, count: range.count))
  }

  public var tiles: Int { rows.roundedUp(to: Self.tileRows) / Self.tileRows }

  /// The matrix as the kernels take it.
  public var view: pare_matrix {
    pare_matrix(
      data: UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)), format: format.id,
      rows: Int32(rows.roundedUp(to: 16)), columns: Int32(columns.roundedUp(to: 32)), factor: factor,
      table: source.type.packing?.table)
  }

  /// Bits a weight, scales included.
  public var bitsPerWeight: Double { Double(byteCount) * 8 / Double(rows * columns) }

  /// A part that is packed in one call: tiles of 16 rows, and some of their columns.
  public struct Piece: Sendable {
    var tiles: Range<Int>
    var columns: Range<Int>
  }

  /// All of the matrix, in pieces that any threads may pack in any order.
  ///
  /// A rotation across rows needs all rows of its block at once; it is done strip by strip of the columns, so
  /// that no more than a strip of the matrix is ever there in f32.
  public var pieces: [Piece] {
    let tilesEach = 16.roundedUp(to: bandTiles)
    let strip =
      rotation?.output == nil
      ? columns : Self.superColumns.leastCommonMultiple(rotation?.input?.block ?? 1)
    return stride(from: 0, to: tiles, by: tilesEach).flatMap { tile in
      stride(from: 0, to: columns, by: strip).map { column in
        Piece(
          tiles: tile..<min(tile + tilesEach, tiles), columns: column..<min(column + strip, columns))
      }
    }
  }

  /// Columns that every format encodes apart from the others.
  private static let superColumns = Int(PARE_SUPER_COLUMNS)

  /// Tiles whose rows are rotated together.
  private var bandTiles: Int {
    Self.tileRows.leastCommonMultiple(rotation?.output?.block ?? 1) / Self.tileRows
  }

  /// Bytes of the file that a piece is made of.
  public func sourceBytes(of piece: Piece) -> Int {
    source.byteCount / rows * min(rows, piece.tiles.count * Self.tileRows) * piece.columns.count / columns
  }

  /// Packs a piece, encoding it where the format or the rotation asks for it.
  ///
  /// - Parameter importance: [columns], the weight of each column's squared error in encoding, such as the
  ///   mean square of its input, rotated as the matrix is; not negative, finite. nil weighs all alike.
  public func pack(_ piece: Piece, kernels: Kernels, importance: UnsafePointer<Float>? = nil) {
    guard !keepsBlocks else { return layOut(tiles: piece.tiles) }
    let width = piece.columns.count.roundedUp(to: 32)
    let tileBytes = format.tileBytes(columns: columns.roundedUp(to: 32))
    let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: bandTiles * 16 * width)
    scratch.initialize(repeating: 0)
    defer { scratch.deallocate() }
    let weights = UnsafeMutableBufferPointer<Float>.allocate(capacity: importance == nil ? 0 : width)
    weights.initialize(repeating: 0)
    defer { weights.deallocate() }
    if let importance {
      weights.baseAddress!.update(from: importance + piece.columns.lowerBound, count: piece.columns.count)
    }
    for band in stride(from: piece.tiles.lowerBound, to: piece.tiles.upperBound, by: bandTiles) {
      let bandRows = min(bandTiles * 16, rows - band * 16)
      for r in 0..<bandRows {
        let row = UnsafeMutableBufferPointer(rebasing: scratch[r * width..<r * width + piece.columns.count])
        source.dequantizeBlocks(ofRow: band * 16 + r, from: piece.columns.lowerBound, into: row)
        rotation?.apply(toRow: row, columns: piece.columns)
      }
      rotation?.output?.apply(to: scratch.baseAddress!, count: bandRows, lanes: width)
      if exponent != 0 {
        let share = Float.power(ofTwo: -exponent)
        for index in 0..<bandRows * width { scratch[index] *= share }
      }
      for tile in 0..<min(bandTiles, piece.tiles.upperBound - band) {
        let out = memory + (band + tile) * tileBytes + format.tileBytes(columns: piece.columns.lowerBound)
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 16) { pointers in
          for r in 0..<16 {
            let row = tile * 16 + r
            pointers[r] = row < bandRows ? UnsafePointer(scratch.baseAddress! + row * width) : nil
          }
          let size = pare_encode_tile(
            kernels.table, format.id, pointers.baseAddress!,
            importance.map { _ in UnsafePointer(weights.baseAddress!) }, Int32(width),
            out.assumingMemoryBound(to: UInt8.self))
          largest.max(size.bitPattern, ordering: .relaxed)
        }
      }
    }
  }

  /// Packs the blocks of the file as they are.
  private func layOut(tiles range: Range<Int>) {
    let padded = columns.roundedUp(to: 32)
    let tileBytes = format.tileBytes(columns: padded)
    for tile in range {
      let out = memory.advanced(by: tile * tileBytes).assumingMemoryBound(to: UInt8.self)
      withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: 16) { pointers in
        for r in 0..<16 {
          let row = tile * 16 + r
          pointers[r] =
            row < rows ? source.row(row).baseAddress?.assumingMemoryBound(to: UInt8.self) : nil
        }
        source.type.withCodebook {
          pare_pack_tile(
            Int32(source.type.rawValue), format.id, pointers.baseAddress!, Int32(padded), $0, out)
        }
      }
    }
  }
}

extension Int {
  /// The smallest multiple of `step` that is not below.
  package func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }

  func leastCommonMultiple(_ other: Int) -> Int {
    var (a, b) = (self, other)
    while b != 0 { (a, b) = (b, a % b) }
    return self / a * other
  }
}
