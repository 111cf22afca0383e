import CKernels
import GGUF
import Quantization
import TestModels
import Testing

/// Matrix products of every packed format, by every kernel set, against plain sums of what the blocks and
/// the activations' codes stand for.
@Suite struct MultiplyTests {
  /// Rows, columns and tokens that leave ends of every kind.
  static func shape(_ type: BlockType, using random: inout SeededGenerator) -> (
    rows: Int, columns: Int, tokens: Int
  ) {
    let step = type.elementsPerBlock
    let columns = step * (step == 256 ? random.int(1...4) : random.int(1...(step == 1 ? 330 : 19)))
    return (random.int(1...70), columns, random.int(1...14))
  }

  /// Activations as they come: groups of very different sizes, some of nothing, now and then an outlier.
  static func activations(_ tokens: Int, _ columns: Int, using random: inout SeededGenerator) -> [[Float]] {
    (0..<tokens).map { _ in
      var row = random.gaussians(columns)
      for group in stride(from: 0, to: columns, by: 32) {
        let factor: Float = [0, 1e-4, 0.1, 1, 1, 50].randomElement(using: &random)!
        for i in group..<min(group + 32, columns) { row[i] *= factor }
      }
      row[random.int(0...columns - 1)] *= 100
      return row
    }
  }

  @Test(arguments: RandomBlocks.types)
  func agreesWithPlainSums(type: BlockType) {
    for seed in 0..<8 as Range<UInt64> {
      var random = SeededGenerator(seed: seed &* 77 &+ UInt64(type.rawValue))
      let (rows, columns, tokens) = Self.shape(type, using: &random)
      let weights = BlockMatrix(type, rows: rows, columns: columns, scale: 0.05, using: &random)
      let x = Self.activations(tokens, columns, using: &random)
      var first: [[Float]]?
      let (bits, hasFactors) = [(Int32(15), false), (8, false), (8, true), (4, false)][Int(seed % 4)]
      for kernels in Kernels.available {
        let label = Comment("\(kernels.name), \(rows) × \(columns), \(tokens) tokens of \(bits) bits")
        let matrix = weights.packed(kernels: kernels)
        let coded = CodedActivations(x, bits: bits, hasFactors: hasFactors, kernels: kernels)
        let y = kernels.products(matrix, coded, tokens: tokens)
        for t in 0..<tokens {
          let activations = matrix.format.isFloat ? x[t].map(Double.init) : coded.decoded(t)
          for (row, w) in weights.values.enumerated() {
            // Sums are taken in f32; with offsets, of terms as large as the row's largest weight.
            let largest = w.reduce(0) { max($0, abs($1)) }
            var sum = 0.0, size = 0.0
            for (w, x) in zip(w, activations) {
              sum += Double(w) * x
              size += Double(abs(w) + largest) * abs(x)
            }
            #expect(abs(Double(y[t][row]) - sum) <= 2e-6 * size, label)
          }
        }
        // The same bits token by token, tile by tile, and from every kernel set.
        for t in 0..<tokens {
          let one = kernels.products(matrix, coded, first: t, tokens: 1, tiles: 1)[0]
          #expect(differences(one, y[t]) == 0, label)
        }
        #expect(
          differences(kernels.products(matrix, coded, tokens: tokens, tiles: 2).joined(), y.joined()) == 0,
          label)
        #expect(differences(y.joined(), (first ?? y).joined()) == 0, label)
        first = first ?? y
      }
    }
  }

  /// Ternary weights with one scale, times activations of 8 bits with one scale for a token, are whole numbers times these
  /// scales: nothing is lost ("Fast and Lossless BitNet b1.58 Inference on CPUs", arXiv 2410.16144).
  @Test(arguments: Kernels.available.map(\.name)) func ternaryProductsAreExact(set: String) throws {
    let kernels = try #require(Kernels.available.first { $0.name == set })
    for seed in 0..<24 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      // Once more tokens than are multiplied in one go.
      let isLong = seed == 0
      let rows = random.int(1...50), columns = 128 * random.int(isLong ? 9...9 : 1...70)
      let tokens = isLong ? 517 : random.int(1...14)
      let weights = BlockMatrix(.i2_s, rows: rows, columns: columns, scale: 1, using: &random)
      // Of some tokens all are as large as can be, of one sign or of both.
      let x = (0..<tokens).map { t -> [Float] in
        switch t % 4 {
        case 0: random.gaussians(columns)
        case 1: Array(repeating: 3, count: columns)
        case 2: (0..<columns).map { $0 % 2 == 0 ? 3 : -3 }
        default: weights.values[0].map { $0.sign == .minus ? -3 : 3 }
        }
      }
      let coded = CodedActivations(x, bits: 8, hasFactors: true, kernels: kernels)
      let matrix = weights.packed(scale: 0.37, kernels: kernels)
      #expect(matrix.format.name == "T2" && matrix.byteCount == rows.roundedUp(to: 16) * columns / 4)
      let scale = matrix.view.factor
      for (first, count) in [(0, tokens), (tokens - 1, 1)] {
        let y = kernels.products(matrix, coded, first: first, tokens: count)
        for t in 0..<count {
          for (row, weights) in weights.values.enumerated() {
            let sum = weights.indices.reduce(Int64(0)) {
              $0 + Int64(weights[$1].sign == .minus ? -1 : weights[$1] == 0 ? 0 : 1)
                * Int64(coded.codes[(first + t) * coded.stride + $1])
            }
            let factor = try #require(coded.factors?[first + t])
            #expect(y[t][row] == Float(sum) * (scale * factor), "row \(row), \(columns) columns")
          }
        }
      }
    }
  }

  /// Packing changes no value: the tiles stand for what the blocks decode to.
  @Test(arguments: RandomBlocks.types)
  func tilesHoldTheValuesOfTheBlocks(type: BlockType) {
    var random = SeededGenerator(seed: 11)
    for columns in [type.elementsPerBlock, 256, 512] {
      let weights = BlockMatrix(
        type, rows: 21, columns: columns.roundedUp(to: type.elementsPerBlock), scale: 1, using: &random)
      #expect(weights.packed(kernels: .best).values == weights.values, "\(columns) columns")
    }
  }

  /// Every scale of a byte that MXFP4 and NVFP4 can have.
  @Test(arguments: [(BlockType.mxfp4, 1), (.nvfp4, 4)])
  func everyScaleOfAByte(type: BlockType, scales: Int) {
    var random = SeededGenerator(seed: 12)
    let columns = type.elementsPerBlock * 16 / scales
    var bytes = RandomBlocks.bytes(type, count: 16 * columns, scale: 1, using: &random)
    for scale in 0..<256 { bytes[scale / scales * type.bytesPerBlock + scale % scales] = UInt8(scale) }
    let weights = BlockMatrix(type, rows: 16, columns: columns, bytes: bytes)
    #expect(weights.packed(kernels: .best).values == weights.values)
    // 2^-128 and 2^127 times the largest activations.
    let units = [[Float](repeating: 1, count: columns)]
    let y = Kernels.available.map {
      $0.products(weights.packed(kernels: $0), CodedActivations(units, kernels: $0), tokens: 1)[0]
    }
    #expect(y.allSatisfy { differences($0, y[0]) == 0 })
  }

  /// The factor that a file gives for a whole matrix, whatever the format it is held in.
  @Test(arguments: [BlockType.nvfp4, .i2_s, .iq2_s, .q4_k, .f16], [nil, PackedFormat.d8])
  func factors(type: BlockType, format: PackedFormat?) {
    var random = SeededGenerator(seed: 14)
    let weights = BlockMatrix(type, rows: 33, columns: 512, scale: 0.05, using: &random)
    let x = Self.activations(8, 512, using: &random)
    for kernels in Kernels.available {
      let coded = CodedActivations(x, kernels: kernels)
      for tokens in [1, 8] {
        let plain = kernels.products(weights.packed(format, kernels: kernels), coded, tokens: tokens)
        let scaled = kernels.products(
          weights.packed(format, scale: 0.25, kernels: kernels), coded, tokens: tokens)
        #expect(scaled == plain.map { $0.map { 0.25 * $0 } })
      }
    }
  }

  /// The largest codes of weights and activations do not overflow the integer sums.
  @Test(arguments: [BlockType.q8_0, .q5_1, .q4_1, .q6_k, .q3_k, .q2_k, .q5_k, .iq4_nl, .iq4_xs])
  func largestCodes(type: BlockType) {
    for byte: UInt8 in [0x00, 0x7F, 0x80, 0xFF] {
      let columns = 512
      var bytes = [UInt8](repeating: byte, count: 16 * columns / type.elementsPerBlock * type.bytesPerBlock)
      let offsets: [Int] =
        switch type {
        case .q6_k: [208]
        case .q3_k: [108]
        case .q2_k: [80, 82]
        case .q8_0, .iq4_nl: [0]
        default: [0, 2]
        }
      for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
        for offset in offsets {  // f16 1
          bytes[block + offset] = 0
          bytes[block + offset + 1] = 0x3C
        }
      }
      let weights = BlockMatrix(type, rows: 16, columns: columns, bytes: bytes)
      let x = [[Float](repeating: 1, count: columns), [Float](repeating: -1, count: columns)]
      for kernels in Kernels.available {
        let y = kernels.products(
          weights.packed(kernels: kernels), CodedActivations(x, kernels: kernels), tokens: 2)
        let sum = weights.values[0].reduce(0.0) { $0 + Double($1) }
        let size = weights.values[0].reduce(0.0) { $0 + Double(abs($1)) }
        #expect(abs(Double(y[0][0]) - sum) <= 1e-5 * size, "\(kernels.name), \(byte)")
        #expect(abs(Double(y[1][0]) + sum) <= 1e-5 * size, "\(kernels.name), \(byte)")
      }
    }
  }

  /// A format whose weights are whole numbers, and the scale and the codes of its largest.
  struct LargestWeight: Sendable {
    var format: pare_format
    var scale: UInt8
    var code: UInt8
    var weight: Float
  }

  /// Nor do sums of the largest codes times the largest scales that are whole numbers, over a group of the
  /// largest activations.
  @Test(arguments: [
    LargestWeight(format: PARE_K4, scale: 127, code: 0xFF, weight: 127 * 15),
    LargestWeight(format: PARE_K2, scale: 15, code: 0xFF, weight: 15 * 3),
    LargestWeight(format: PARE_I3, scale: 0x80, code: 0, weight: 128 * 4),
    LargestWeight(format: PARE_I6, scale: 0x80, code: 0, weight: 128 * 32),
  ])
  func largestWholeWeights(largest: LargestWeight) {
    let (format, scale, code, weight) = (largest.format, largest.scale, largest.code, largest.weight)
    let columns = 64, info = pare_format_info_of(Int32(format.rawValue)).pointee
    let ones = (0..<32).map { UInt8($0 % 2 == 0 ? 0 : 0x3C) }  // d of 16 rows, f16
    let offsets = [UInt8](repeating: 0, count: info.super_bytes - 32)
    let isByte = format == PARE_K4  // 16 scales, then as many offsets
    let scales = (0..<32).map { $0 < 16 || !isByte ? scale : 0 }
    let block = scales + [UInt8](repeating: code, count: info.block_bytes - 32)
    let tile = ones + offsets + block + block
    for (kernels, bits) in Kernels.available.flatMap({ set in [15, 8, 4].map { (set, Int32($0)) } }) {
      let x = CodedActivations(
        [[Float]](repeating: .init(repeating: 1, count: columns), count: 6), bits: bits, kernels: kernels)
      for tokens in [1, 6] {
        let y = tile.withUnsafeBufferPointer { tile in
          kernels.products(
            pare_matrix(
              data: tile.baseAddress, format: Int32(format.rawValue), rows: 16, columns: Int32(columns),
              factor: 1, table: nil), x, tokens: tokens)
        }
        let expected = weight * Float(columns)
        #expect(
          y.allSatisfy { abs($0 - expected) <= 1e-6 * expected },
          "\(kernels.name), \(tokens), \(bits): \(y[0])")
      }
    }
  }

  /// Activations that are not finite stay visible, and stay in their token.
  @Test(arguments: RandomBlocks.types, [Float.nan, .infinity, -.infinity])
  func notFinite(type: BlockType, bad: Float) {
    var random = SeededGenerator(seed: 9)
    let weights = BlockMatrix(type, rows: 20, columns: 256, scale: 1, using: &random)
    var x = [random.gaussians(256), random.gaussians(256), random.gaussians(256)]
    x[1][77] = bad
    for kernels in Kernels.available {
      let y = kernels.products(
        weights.packed(kernels: kernels), CodedActivations(x, kernels: kernels), tokens: 3)
      #expect(y[0].allSatisfy(\.isFinite) && y[2].allSatisfy(\.isFinite))
      #expect(y[1].allSatisfy { !$0.isFinite })
    }
  }
}
