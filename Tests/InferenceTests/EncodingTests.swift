import GGUF
import Quantization
import TestModels
import Testing

@testable import Inference

/// Re-encoding at fewer bits: how far what is held is from what was given.
@Suite struct EncodingTests {
  /// Σ w·(a − b)² / Σ w·a², root taken; `weights` are those of columns, all 1 where they are nil.
  static func relativeError(_ values: [[Float]], _ held: [[Float]], weights: [Float]? = nil) -> Double {
    var error = 0.0, size = 0.0
    for (row, other) in zip(values, held) {
      for (column, (a, b)) in zip(row, other).enumerated() {
        let weight = Double(weights?[column] ?? 1)
        error += weight * Double(a - b) * Double(a - b)
        size += weight * Double(a) * Double(a)
      }
    }
    return (error / size).squareRoot()
  }

  static func gaussians(rows: Int, columns: Int, seed: UInt64) -> [[Float]] {
    var random = SeededGenerator(seed: seed)
    return (0..<rows).map { _ in random.gaussians(columns, scale: 0.03) }
  }

  /// Widths that encode f32 weights, and the formats they choose.
  static let encoders: [(width: BitWidth, format: PackedFormat)] = BitWidth.allCases.compactMap { width in
    width.format(of: .f32).map { (width, $0) }
  }

  /// Bounds for normal weights, a little above what is reached. The least
  /// error of rounding each weight alone to 4 values of one scale is 0.343, to 3 values 0.436, to ±d 0.603.
  static let bounds: KeyValuePairs<BitWidth, Double> = [
    .eight: 0.0057, .six: 0.019, .five: 0.0375, .four: 0.0735, .three: 0.145, .two: 0.272, .ternary: 0.45,
    .one: 0.57,
  ]

  @Test func errorGrowsAsBitsShrink() throws {
    let values = Self.gaussians(rows: 48, columns: 512, seed: 1)
    var last = 0.0
    for (width, bound) in Self.bounds {
      let format = try #require(width.format(of: .f32))
      let error = Self.relativeError(
        values, BlockMatrix(values: values).packed(format, kernels: .best).values)
      #expect(error > last && error < bound, "\(width.rawValue): \(error)")
      last = error
    }
  }

  /// Never worse than rounding to the nearest of evenly spaced values, with one f16 scale for 32 weights that
  /// lets them just reach the largest.
  @Test(arguments: [(BitWidth.eight, 127), (.six, 31), (.five, 15), (.four, 7), (.three, 3), (.two, 1)])
  func beatsRoundingToNearest(width: BitWidth, reach: Int) throws {
    var random = SeededGenerator(seed: 4)
    // Some heavy-tailed rows: what a search for the best scale is for.
    let values = (0..<32).map { row in
      random.gaussians(320).map { row % 2 == 0 ? $0 : $0 * $0 * $0 }
    }
    let format = try #require(width.format(of: .f32))
    let held = BlockMatrix(values: values).packed(format, kernels: .best).values
    let nearest = values.map { row in
      stride(from: 0, to: 320, by: 32).flatMap { start in
        let group = row[start..<start + 32]
        let d = Float(Float16(group.map(abs).max()! / Float(reach)))
        return group.map { ($0 / d).rounded().clamped(to: -Float(reach)...Float(reach)) * d }
      }
    }
    #expect(Self.relativeError(values, held) <= Self.relativeError(values, nearest) * 1.001)
  }

  /// Weights of four-bit codes with a scale and offset of 16 bits lose less than half of what normal ones do.
  @Test(arguments: [(BitWidth.six, 0.008), (.five, 0.015), (.four, 0.03)])
  func keepsFourBitGrids(width: BitWidth, bound: Double) throws {
    var random = SeededGenerator(seed: 8)
    let weights = BlockMatrix(.q4_1, rows: 32, columns: 576, scale: 0.05, using: &random)
    let format = try #require(width.format(of: .q4_1))
    let error = Self.relativeError(weights.values, weights.packed(format, kernels: .best).values)
    #expect(error < bound)
  }

  /// Errors of columns that count more become smaller, and those of the rest larger.
  @Test(arguments: [BitWidth.six, .five, .four, .three, .two, .ternary, .one])
  func importance(width: BitWidth) throws {
    let values = Self.gaussians(rows: 48, columns: 288, seed: 9)
    let importance = (0..<288).map { $0 % 5 == 0 ? Float(20) : 0.5 }
    let format = try #require(width.format(of: .f32))
    let plain = BlockMatrix(values: values).packed(format, kernels: .best).values
    let weighted = BlockMatrix(values: values).packed(format, importance: importance, kernels: .best).values
    #expect(
      Self.relativeError(values, weighted, weights: importance)
        < 0.99 * Self.relativeError(values, plain, weights: importance))
    #expect(Self.relativeError(values, weighted) > Self.relativeError(values, plain))
    let all = BlockMatrix(values: values).packed(
      format, importance: Array(repeating: 1, count: 288), kernels: .best)
    #expect(all.values == plain)
  }

  /// Every kernel set encodes the same bytes, also where a super-block, a block and a tile are not full.
  @Test(arguments: encoders.map(\.format))
  func sameBytes(format: PackedFormat) {
    let values = Self.gaussians(rows: 37, columns: 333, seed: 2)
    let importance = (0..<333).map { Float($0 % 7) }
    for weights in [nil, importance] {
      let packed = Kernels.available.map {
        BlockMatrix(values: values).packed(format, importance: weights, kernels: $0).packedBytes
      }
      #expect(packed.allSatisfy { $0 == packed[0] })
    }
  }

  /// Products are those of the values that the layout stands for.
  @Test(arguments: encoders.map(\.format))
  func products(format: PackedFormat) {
    let matrix = BlockMatrix(values: Self.gaussians(rows: 20, columns: 576, seed: 3)).packed(
      format, kernels: .best)
    let values = matrix.values
    var random = SeededGenerator(seed: 5)
    let inputs = (0..<7).map { _ in random.gaussians(576) }
    for kernels in Kernels.available {
      let x = CodedActivations(inputs, kernels: kernels)
      for y in [
        kernels.products(matrix, x, tokens: 7),
        (0..<7).map { kernels.products(matrix, x, first: $0, tokens: 1)[0] },
      ] {
        for token in 0..<7 {
          let input = x.decoded(token)
          for row in 0..<20 {
            let expected = zip(values[row], input).reduce(0.0) { $0 + Double($1.0) * $1.1 }
            #expect(abs(Double(y[token][row]) - expected) < 1e-4)
          }
        }
      }
    }
  }

  /// Zeros stay zeros; equal weights stay nearly equal, small ones too, but for the first of a trellis; a row
  /// that is not finite or immense does not crash, nor touch its neighbours.
  @Test(arguments: encoders.map(\.format))
  func unusualRows(format: PackedFormat) {
    let usual: [[Float]] = [0, 0.25, -0.25, 1e-3].map { Array(repeating: $0, count: 64) }
    let unusual = [Float.nan, .infinity, -.infinity, 1e30, -1e-30, .leastNonzeroMagnitude].map {
      [$0] + Array(repeating: Float(1), count: 63)
    }
    let alone = BlockMatrix(values: usual).packed(format, kernels: .best).values
    #expect(alone[0].allSatisfy { $0 == 0 })
    let bound = [.trellis1: 0.3, .trellis3: 0.1][format] ?? 0.005
    for row in 1...3 {
      #expect(Self.relativeError([usual[row]], [alone[row]]) < bound, "row \(row)")
    }
    for kernels in Kernels.available {
      let held = BlockMatrix(values: usual + unusual).packed(format, kernels: kernels).values
      #expect(Array(held[..<4]) == alone, "\(kernels.name)")
    }
  }

  /// Weights that are too large for scales of f16 get wider ones: no error is added.
  @Test(arguments: encoders.map(\.format))
  func wideScales(format: PackedFormat) throws {
    let values = Self.gaussians(rows: 20, columns: 288, seed: 8)
    let own = BlockMatrix(values: values).packed(format, kernels: .best)
    #expect(own.largestWeight == values.joined().map(abs).max() && !own.isWidened)
    #expect(try own.widened() == nil)
    let error = Self.relativeError(values, own.values)
    for power in [14, 20, 60, 110] {
      let scale = Float(sign: .plus, exponent: power, significand: 1)
      let large = values.map { $0.map { scale * $0 } }
      let matrix = BlockMatrix(values: large)
      let narrow = matrix.packed(format, kernels: .best)
      let wide = try matrix.bytes.withUnsafeBytes { data in
        let tensor = Tensor(name: "w", shape: [288, 20], type: .f32, data: data)
        let narrow = try PackedMatrix(MatrixSource(tensor), format: format)
        for piece in narrow.pieces { narrow.pack(piece, kernels: .best) }
        let wide = try #require(try narrow.widened())
        for piece in wide.pieces { wide.pack(piece, kernels: .best) }
        return wide
      }
      #expect(narrow.largestWeight == scale * own.largestWeight && wide.isWidened)
      #expect(wide.largestWeight == narrow.largestWeight)
      // In units of the scale, for squares of 2^110 are no floats.
      let held = wide.values.map { $0.map { $0 / scale } }
      #expect(abs(Self.relativeError(values, held) - error) < 0.01 * error, "2^\(power)")
    }
  }

  /// What is no number is not made one by any scale.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) throws {
    var values = Self.gaussians(rows: 4, columns: 64, seed: 9)
    values[2][40] = value
    values[1][3] = 1e6
    for (_, format) in Self.encoders {
      for kernels in Kernels.available {
        let matrix = BlockMatrix(values: values).packed(format, kernels: kernels), held = matrix.values
        #expect(matrix.largestWeight == .infinity)
        #expect(try matrix.widened() == nil)
        #expect(held[2][40].isNaN && held[0].allSatisfy(\.isFinite), "\(format.name) \(kernels.name)")
      }
    }
  }

  /// Blocks that have codes of the width keep them; a format that the blocks already have keeps them as well.
  @Test(arguments: [
    (BlockType.q8_0, BitWidth.eight), (.q6_k, .six), (.q5_0, .five), (.q5_k, .five), (.q4_0, .four),
    (.q4_k, .four),
    (.iq4_nl, .four), (.q3_k, .three), (.q2_k, .two), (.tq1_0, .two), (.tq1_0, .ternary), (.q2_0, .ternary),
    (.i2_s, .ternary), (.q1_0, .one),
  ])
  func keepsBlocks(type: BlockType, width: BitWidth) {
    var random = SeededGenerator(seed: 6)
    let weights = BlockMatrix(type, rows: 24, columns: 256, scale: 1, using: &random)
    let kept = weights.packed(kernels: .best).packedBytes
    #expect(weights.packed(width.format(of: type), kernels: .best).packedBytes == kept)
  }

  @Test(arguments: [
    (BlockType.q4_1, BitWidth.four), (.q5_1, .five), (.q2_k, .ternary), (.q4_k, .three), (.q6_k, .five),
  ])
  func encodesOthers(type: BlockType, width: BitWidth) {
    #expect(width.format(of: type) != PackedFormat(holding: type))
  }

  @Test func bitsPerWeight() throws {
    let weights = BlockMatrix(values: Self.gaussians(rows: 32, columns: 256, seed: 3))
    let expected: KeyValuePairs<BitWidth, Double> = [
      .eight: 8.5, .six: 6.625, .five: 5.625, .four: 4.625, .three: 3.3125, .two: 2.625, .ternary: 2.5,
      .one: 1.3125,
    ]
    for (width, bits) in expected {
      let format = try #require(width.format(of: .f32))
      #expect(weights.packed(format, kernels: .best).bitsPerWeight == bits)
    }
    // Formats of the file's own.
    var random = SeededGenerator(seed: 7)
    let native: KeyValuePairs<BlockType, Double> = [
      .q4_k: 4.625, .iq4_nl: 4.5, .iq4_xs: 4.3125, .iq3_s: 4.3125, .iq2_s: 4.5625, .iq1_m: 4.5625,
      .tq1_0: 2.5,
      .i2_s: 2, .mxfp4: 4.25, .nvfp4: 5, .q1_0: 1.5,
    ]
    for (type, bits) in native {
      let weights = BlockMatrix(type, rows: 32, columns: 256, scale: 1, using: &random)
      #expect(weights.packed(kernels: .best).bitsPerWeight == bits, "\(type.name)")
    }
    // Rows that do not fill a tile are padded, and the padding is counted.
    let odd = BlockMatrix(values: Self.gaussians(rows: 17, columns: 64, seed: 3))
    #expect(odd.packed(.d8, kernels: .best).bitsPerWeight == 8.5 * 32 / 17)
  }
}

extension Float {
  fileprivate func clamped(to range: ClosedRange<Float>) -> Float {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}

extension BitWidth {
  /// The format for weights in blocks of a type, whatever they say.
  fileprivate func format(of type: BlockType) -> PackedFormat? {
    let shape = [256, 1], bytes = [UInt8](repeating: 1, count: type.byteCount(256))
    return bytes.withUnsafeBytes {
      format(of: MatrixSource(Tensor(name: "w", shape: shape, type: type, data: $0)))
    }
  }
}

extension BlockType {
  fileprivate func byteCount(_ elements: Int) -> Int {
    elements / elementsPerBlock * bytesPerBlock + bytesPerTensor
  }
}
