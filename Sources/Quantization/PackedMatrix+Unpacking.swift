import CKernels
import GGUF

/// Encoded weights as a GGUF file can hold them.
extension PackedMatrix {
  /// Whether the file's own tensor holds all there is: nothing was encoded, save what changes no value.
  public var isAsInFile: Bool { rotation == nil && format == PackedFormat(holding: source.type) }

  /// The type for encoded weights: the one with codes of their kind, else Q8_0, which comes within half of a hundredth of
  /// the largest of 32 weights. Trellis codes, and scales for 16 weights in rows of any length, are in no type that others
  /// read.
  public var encodedType: BlockType {
    guard columns % 32 == 0, !format.isFloat else { return .f16 }
    return switch format {
    case .affine4: .q4_1
    case .affine5: .q5_1
    case .ternary: .q4_0
    default: .q8_0
    }
  }

  /// Appends a row of encoded weights in blocks of ``encodedType``, its ``MatrixSource/scale`` included.
  public func appendRow(_ row: Int, to bytes: inout [UInt8], kernels: Kernels) {
    var run = Run()
    for column in stride(from: 0, to: columns, by: 32) {
      read(row: row, block: column / 32, into: &run)
      run.append(min(32, columns - column), to: &bytes, as: encodedType, kernels: kernels)
    }
  }

  /// 32 columns of a row: `scale · code + offset`, with scales of the first 16 and of the second.
  private struct Run {
    var codes = Array(repeating: 0, count: 32)
    var scale = SIMD2<Float>()
    var offset = SIMD2<Float>()

    subscript(column: Int) -> Float {
      scale[column / 16] * Float(codes[column]) + offset[column / 16]
    }

    func append(_ count: Int, to bytes: inout [UInt8], as type: BlockType, kernels: Kernels) {
      func append(half value: Float) {
        var value = value, bits: UInt16 = 0
        kernels.table.pointee.to_half(&value, 1, &bits)
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      }
      func appendNibbles(zero: Int) {
        for i in 0..<16 { bytes.append(UInt8((codes[i] + zero) & 15 | ((codes[i + 16] + zero) & 15) << 4)) }
      }
      switch type {
      case .q4_0:
        append(half: scale[0])
        appendNibbles(zero: 8)
      case .q4_1, .q5_1:
        append(half: scale[0])
        append(half: offset[0])
        if type == .q5_1 {
          for first in stride(from: 0, to: 32, by: 8) {
            bytes.append((0..<8).reduce(0) { $0 | UInt8(codes[first + $1] >> 4) << UInt8($1) })
          }
        }
        appendNibbles(zero: 0)
      case .q8_0:
        let d = (0..<32).reduce(0) { max($0, abs(self[$1])) } / 127
        append(half: d)
        for i in 0..<32 { bytes.append(UInt8(bitPattern: d > 0 ? Int8((self[i] / d).rounded()) : 0)) }
      default: for i in 0..<count { append(half: self[i]) }
      }
    }
  }

  /// Reads a block of one of the formats that weights are encoded in, as `CKernels.h` describes them.
  private func read(row: Int, block: Int, into run: inout Run) {
    let info = pare_format_info_of(format.id).pointee
    let tile = UnsafeRawPointer(view.data!) + row / 16 * format.tileBytes(columns: Int(view.columns))
    let group = tile + block / 8 * (info.super_bytes + 8 * info.block_bytes)
    let blocks = group + info.super_bytes, own = blocks + block % 8 * info.block_bytes
    let lane = row % 16, factor = view.factor
    for column in 0..<32 { run.codes[column] = code(own, info, lane, column) }
    run.offset = SIMD2()
    switch Int(info.scales) {
    case PARE_SCALE_D:
      for i in 0..<32 {
        run.codes[i] =
          info.bits == 8 ? Int(Int8(truncatingIfNeeded: run.codes[i])) : run.codes[i] - Int(info.zero)
      }
      run.scale = SIMD2(repeating: own.half(2 * lane) * factor)
    case PARE_SCALE_K32:
      run.scale = SIMD2(repeating: group.half(2 * lane) * Float(own.byte(lane)) * factor)
      run.offset = SIMD2(repeating: -group.half(32 + 2 * lane) * Float(own.byte(16 + lane)) * factor)
    case PARE_SCALE_K16:
      for h in 0..<2 {
        let pair = own.byte(16 * h + lane)
        run.scale[h] = group.half(2 * lane) * Float(pair & 15) * factor
        run.offset[h] = -group.half(32 + 2 * lane) * Float(pair >> 4) * factor
      }
    default:
      precondition(Int(info.zero) == PARE_TRELLIS, "\(format.name) is no format that weights are encoded in")
      run.scale = SIMD2(repeating: group.half(2 * lane) * Float(Int8(bitPattern: own.byte(lane))) * factor)
      for column in 0..<32 {
        var window = 0
        for back in 0..<3 {  // the codes before it may lie in the block before
          guard let place = Self.chainPlace(block % 8 * 32 + column, back: back) else { break }
          let planes = blocks + place / 32 * info.block_bytes + (info.block_bytes - 64 * Int(info.bits))
          window |= Self.part(planes, 1, lane, place % 32) << back
        }
        run.codes[column] = Self.level(run.codes[column], after: window, bits: Int(info.bits))
      }
    }
  }

  /// A code of a block: of two planes where its width is no power of two.
  private func code(_ block: UnsafeRawPointer, _ info: pare_format_info, _ lane: Int, _ column: Int) -> Int {
    let bits = Int(info.bits), planes = block + (info.block_bytes - 64 * bits)
    if Int(info.zero) == PARE_TRELLIS {  // its first bit, and of 3 bits the others
      return Self.part(planes, 1, lane, column)
        | (bits == 3 ? Self.part(planes + 64, 2, lane, column) << 1 : 0)
    }
    let low = bits == 3 ? 2 : bits == 5 || bits == 6 ? 4 : bits
    let high = low < bits ? Self.part(planes + 64 * low, bits - low, lane, column) << low : 0
    return Self.part(planes, low, lane, column) | high
  }

  /// The bits of a code that lie in a plane of `width` bits.
  private static func part(_ plane: UnsafeRawPointer, _ width: Int, _ lane: Int, _ column: Int) -> Int {
    // Four columns of 16 are a quad of bytes: 2i, 2i + 8, 2i + 1, 2i + 9.
    let quad = column / 16 * 4 + column % 8 / 2, inQuad = column % 2 * 2 + column % 16 / 8
    let perVector = 8 / width
    let byte = plane.byte(64 * (quad / perVector) + 4 * lane + inQuad)
    return Int(byte >> UInt8(width * (quad % perVector))) & (1 << width - 1)
  }

  /// The column of a super-block `back` places before another in its trellis chain; nil before the first.
  private static func chainPlace(_ column: Int, back: Int) -> Int? {
    let place = column / 32 * 16 + chain[column % 32 / 2] - back
    return place < 0 ? nil : place / 16 * 32 + chain[place % 16] * 2 + column % 2
  }

  /// The order of a block's pairs in a chain, which is its own inverse.
  private static let chain = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]

  /// The level of a trellis code; bit n of `window` is the first bit of the code n places before.
  private static func level(_ code: Int, after window: Int, bits: Int) -> Int {
    let coset = window >> 1 & 1 | ((window ^ window >> 1 ^ window >> 2) & 1) << 1
    return (bits == 1 ? oneBitLevels : threeBitLevels)[4 * (code >> 1) + coset]
  }

  private static let oneBitLevels = [-127, -35, 35, 127]
  private static let threeBitLevels = [
    -127, -91, -70, -54, -40, -28, -16, -6, 6, 16, 28, 40, 54, 70, 91, 127,
  ]
}
