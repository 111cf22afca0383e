import GGUF
import Quantization
import Testing

@testable import Inference

/// Re-encoding at fewer bits: how far what is held is from what was given.
@Suite struct EncodingTests {
  /// The values a packed matrix stands for, read out by multiplying with unit vectors.
  static func values(_ matrix: PackedMatrix, kernels: Kernels) -> [[Float]] {
    let columns = matrix.columns
    let units = (0..<columns).map { k in (0..<columns).map { Float($0 == k ? 1 : 0) } }
    let byColumn = kernels.products(matrix, CodedActivations(units, kernels: kernels), tokens: columns)
    return (0..<matrix.rows).map { row in byColumn.map { $0[row] } }
  }

  /// Root of the mean squared error over that of the values.
  static func relativeError(_ values: [[Float]], _ held: [[Float]]) -> Double {
    var error = 0.0, size = 0.0
    for (a, b) in zip(values.joined(), held.joined()) {
      error += Double(a - b) * Double(a - b)
      size += Double(a) * Double(a)
    }
    return (error / size).squareRoot()
  }

  static func gaussians(rows: Int, columns: Int, seed: UInt64) -> [[Float]] {
    var random = SeededGenerator(seed: seed)
    return (0..<rows).map { _ in random.gaussians(columns, scale: 0.03) }
  }

  /// Bounds for normal weights. For ±d the least there is is √(1 − 2/π) = 0.603; for three values 0.436.
  static let bounds: KeyValuePairs<BitWidth, Double> = [
    .eight: 0.006, .six: 0.022, .five: 0.044, .four: 0.085, .three: 0.18, .two: 0.36, .ternary: 0.46,
    .one: 0.62,
  ]

  @Test func errorGrowsAsBitsShrink() throws {
    let values = Self.gaussians(rows: 48, columns: 128, seed: 1)
    var last = 0.0
    for (width, bound) in Self.bounds {
      let format = try #require(width.format)
      let matrix = BlockMatrix(values: values).packed(format, kernels: .best)
      let error = Self.relativeError(values, Self.values(matrix, kernels: .best))
      #expect(error > last && error < bound, "\(width.rawValue)")
      last = error
    }
  }

  /// Never worse than rounding to the nearest of evenly spaced values that just reach the largest.
  @Test(arguments: [(BitWidth.eight, 127), (.six, 31), (.five, 15), (.four, 7), (.three, 3)])
  func beatsRoundingToNearest(width: BitWidth, reach: Int) throws {
    var random = SeededGenerator(seed: 4)
    // Some heavy-tailed rows: what a search for the best scale is for.
    let values = (0..<32).map { row in
      random.gaussians(96).map { row % 2 == 0 ? $0 : $0 * $0 * $0 }
    }
    let format = try #require(width.format)
    let matrix = BlockMatrix(values: values).packed(format, kernels: .best)
    let nearest = values.map { row in
      stride(from: 0, to: 96, by: 32).flatMap { start in
        let group = row[start..<start + 32]
        let d = Float(Float16(group.map(abs).max()! / Float(reach)))
        return group.map { ($0 / d).rounded().clamped(to: -Float(reach)...Float(reach)) * d }
      }
    }
    let error = Self.relativeError(values, Self.values(matrix, kernels: .best))
    #expect(error <= Self.relativeError(values, nearest) * 1.001)
  }

  /// Every kernel set encodes the same bytes.
  @Test(arguments: BitWidth.allCases.dropFirst())
  func sameBytes(width: BitWidth) throws {
    let weights = BlockMatrix(values: Self.gaussians(rows: 37, columns: 96, seed: 2))
    let format = try #require(width.format)
    let packed = Kernels.available.map { weights.packed(format, kernels: $0).packedBytes }
    #expect(packed.allSatisfy { $0 == packed[0] })
  }

  /// Zeros stay zeros; equal weights stay nearly equal; what is not finite or immense does not crash.
  @Test(arguments: BitWidth.allCases.dropFirst())
  func unusualRows(width: BitWidth) throws {
    let format = try #require(width.format)
    let usual: [[Float]] = [
      Array(repeating: 0, count: 64), Array(repeating: 0.25, count: 64), Array(repeating: -0.25, count: 64),
    ]
    let unusual = [Float.nan, .infinity, -.infinity, 1e30, -1e-30, .leastNonzeroMagnitude].map {
      [$0] + Array(repeating: Float(1), count: 63)
    }
    for kernels in Kernels.available {
      let held = Self.values(
        BlockMatrix(values: usual + unusual).packed(format, kernels: kernels), kernels: kernels)
      #expect(held[0].allSatisfy { $0 == 0 })
      for row in 1...2 {
        #expect(held[row].allSatisfy { abs($0 - usual[row][0]) < 0.01 }, "\(kernels.name), row \(row)")
      }
    }
  }

  /// A format that the blocks already have keeps them, whatever made them.
  @Test func keepsBlocksOfTheSameFormat() {
    var random = SeededGenerator(seed: 6)
    for (type, format) in [
      (BlockType.q8_0, PackedFormat.d8), (.q5_0, .d5), (.q4_0, .d4), (.tq1_0, .ternary), (.q2_0, .ternary),
      (.i2_s, .ternary), (.q1_0, .sign),
    ] {
      let weights = BlockMatrix(type, rows: 24, columns: 256, scale: 1, using: &random)
      let kept = weights.packed(kernels: .best).packedBytes
      #expect(weights.packed(format, kernels: .best).packedBytes == kept)
    }
  }

  @Test func bitsPerWeight() throws {
    let weights = BlockMatrix(values: Self.gaussians(rows: 32, columns: 64, seed: 3))
    let expected: KeyValuePairs<BitWidth, Double> = [
      .eight: 8.5, .six: 6.5, .five: 5.5, .four: 4.5, .three: 3.5, .two: 3, .ternary: 2.5, .one: 1.5,
    ]
    for (width, bits) in expected {
      let format = try #require(width.format)
      #expect(weights.packed(format, kernels: .best).bitsPerWeight == bits)
    }
    // Formats of the file's own.
    var random = SeededGenerator(seed: 7)
    let native: KeyValuePairs<BlockType, Double> = [
      .q4_k: 4.625, .iq4_nl: 4.5, .iq4_xs: 4.3125, .iq3_s: 4.3125, .iq2_s: 4.5625, .iq1_m: 4.5625,
      .tq1_0: 2.5,
      .i2_s: 2.5, .mxfp4: 4.25, .nvfp4: 5, .q1_0: 1.5,
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
