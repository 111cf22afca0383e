import CKernels
import Quantization

extension PackedMatrix {
  /// The values that the tiles stand for [row][column], read as `CKernels.h` describes their layout, in plain
  /// loops.
  var values: [[Float]] {
    let info = pare_format_info_of(view.format).pointee
    return (0..<rows).map { row in
      let tile = packedBytes[(row / 16 * format.tileBytes(columns: Int(view.columns)))...]
      return (0..<columns).map { column in
        view.factor
          * (info.scales < 0
            ? element(tile, row % 16, column) : value(tile, info, row % 16, column))
      }
    }
  }

  private func element(_ tile: ArraySlice<UInt8>, _ row: Int, _ column: Int) -> Float {
    let index = column * 16 + row
    switch view.format {
    case Int32(PARE_F32.rawValue):
      return Float(bitPattern: UInt32(tile.word(2 * index)) | UInt32(tile.word(2 * index + 1)) << 16)
    case Int32(PARE_F16.rawValue): return Float(Float16(bitPattern: tile.word(index)))
    default: return Float(bitPattern: UInt32(tile.word(index)) << 16)
    }
  }

  private func value(_ tile: ArraySlice<UInt8>, _ info: pare_format_info, _ row: Int, _ column: Int) -> Float
  {
    let number = column / 32, second = column % 32 / 16
    let group = tile.dropFirst(number / 8 * (info.super_bytes + 8 * info.block_bytes))
    let block = group.dropFirst(info.super_bytes + number % 8 * info.block_bytes)
    func code(_ column: Int) -> Int {
      let block = group.dropFirst(info.super_bytes + column / 32 * info.block_bytes)
      let planes = block.dropFirst(info.block_bytes - 64 * Int(info.bits))
      return info.zero == PARE_TRELLIS
        ? trellisCode(planes, Int(info.bits), row, column % 32)
        : self.code(planes, Int(info.bits), row, column % 32)
    }
    let place = column % 256
    let q =
      info.zero == PARE_TRELLIS
      ? level(
        code(place), after: trellisPlace(place, back: 1).map(code) ?? 0,
        trellisPlace(place, back: 2).map(code) ?? 0, bits: Int(info.bits))
      : quantity(code(place), info)
    func half(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Float {
      Float(Float16(bitPattern: bytes.word(index)))
    }
    func byte(_ index: Int) -> UInt8 { block[block.startIndex + index] }
    switch Int(info.scales) {
    case PARE_SCALE_ONE: return q
    case PARE_SCALE_D: return half(block, row) * q
    case PARE_SCALE_D16: return half(block, 16 * second + row) * q
    case PARE_SCALE_DM: return half(block, row) * q + half(block, 16 + row)
    case PARE_SCALE_K32:
      return half(group, row) * Float(byte(row)) * q - half(group, 16 + row) * Float(byte(16 + row))
    case PARE_SCALE_K16:
      let pair = byte(16 * second + row)
      return half(group, row) * Float(pair & 15) * q - half(group, 16 + row) * Float(pair >> 4)
    case PARE_SCALE_I16: return half(group, row) * Float(Int8(bitPattern: byte(16 * second + row))) * q
    case PARE_SCALE_I32: return half(group, row) * Float(Int8(bitPattern: byte(row))) * q
    default: return Float(sign: .plus, exponent: Int(byte(row)) - 128, significand: 1) * q
    }
  }

  /// The value of a code before scales.
  private func quantity(_ code: Int, _ info: pare_format_info) -> Float {
    switch (info.bits, Int(info.zero)) {
    case (1, _): Float(2 * code - 1)
    case (8, _): Float(Int8(truncatingIfNeeded: code))
    case (_, Int(PARE_TABLE)): Float(Int(view.table[code]) - Int(PARE_TABLE))
    case (_, let zero): Float(code - zero)
    }
  }

  /// The level of a trellis code after the two before it in its chain, the nearer one first.
  private func level(_ code: Int, after last: Int, _ beforeLast: Int, bits: Int) -> Float {
    let coset = last & 1 | ((code ^ last ^ beforeLast) & 1) << 1
    let upper = bits == 1 ? [35, 127] : [6, 16, 28, 40, 54, 70, 91, 127]
    return Float((upper.reversed().map { -$0 } + upper)[4 * (code >> 1) + coset])
  }

  /// A trellis code: its first bit, and of 3 bits the other two from a plane of their own.
  private func trellisCode(_ planes: ArraySlice<UInt8>, _ bits: Int, _ row: Int, _ column: Int) -> Int {
    code(planes, 1, row, column) | (bits == 3 ? code(planes.dropFirst(64), 2, row, column) << 1 : 0)
  }

  /// The column of a super-block that comes `back` before another in its trellis chain; nil before the first.
  private func trellisPlace(_ column: Int, back: Int) -> Int? {
    let order = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]  // of a block's pairs
    let number = column / 32 * 16 + order.firstIndex(of: column % 32 / 2)! - back
    return number < 0 ? nil : number / 16 * 32 + order[number % 16] * 2 + column % 2
  }

  /// A code of `bits`, from two planes where its width is no power of two.
  private func code(_ planes: ArraySlice<UInt8>, _ bits: Int, _ row: Int, _ column: Int) -> Int {
    let low = [3: 2, 5: 4, 6: 4][bits] ?? bits
    func part(_ width: Int, _ plane: ArraySlice<UInt8>) -> Int {
      // Columns 8 apart of each 16 have the same place in the two bytes of a word.
      let place = column / 16 * 4 + column % 8 / 2, perVector = 8 / width
      let word = plane.word(32 * (place / perVector) + 2 * row + column % 2)
      return Int(word >> UInt16(width * (place % perVector) + column % 16 / 8 * 8)) & (1 << width - 1)
    }
    return part(low, planes) | (low < bits ? part(bits - low, planes.dropFirst(64 * low)) << low : 0)
  }
}

extension ArraySlice<UInt8> {
  /// The little-endian 16-bit number at `index` of such numbers.
  fileprivate func word(_ index: Int) -> UInt16 {
    UInt16(self[startIndex + 2 * index]) | UInt16(self[startIndex + 2 * index + 1]) << 8
  }
}
