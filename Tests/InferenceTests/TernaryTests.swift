import Foundation
import GGUF
import TestModels
import Testing

@testable import Inference
@testable import Quantization

/// Ternary weights with one scale for a matrix, and models that are made of them.
@Suite struct TernaryTests {
  /// Blocks of TQ1_0 and TQ2_0 that have one scale, or 0, are held in 2 bits; others keep their scales.
  @Test(arguments: [BlockType.tq1_0, .tq2_0]) func blocksOfOneScaleNeedNone(type: BlockType) throws {
    let rows = 19, columns = 512, size = type.bytesPerBlock
    for (scales, isWhole) in [
      ([0x2e66, 0x2e66], true), ([0x2e66, 0], true), ([0, 0x8000], true), ([0x2e66, 0x2e67], false),
      ([0x2e66, 0xae66], false), ([0x7c00, 0x7c00], false),
    ] as [([UInt16], Bool)] {
      var bytes: [UInt8] = []
      for block in 0..<rows * columns / 256 {
        // Digits of base 3, in pairs of bits or as fractions of 243; any of them where the scale is 0.
        for place in 0..<size - 2 {
          let trits = (block * 31 + place * 17) % 81
          let pairs = trits / 27 | trits / 9 % 3 << 2 | trits / 3 % 3 << 4 | trits % 3 << 6
          bytes.append(type == .tq2_0 ? UInt8(pairs) : UInt8((trits * 3 * 256 + 242) / 243))
        }
        withUnsafeBytes(of: scales[block % 7 == 3 ? 1 : 0].littleEndian) { bytes += $0 }
      }
      try bytes.withUnsafeBytes { data in
        let source = MatrixSource(
          Tensor(name: "w", shape: [columns, rows], type: type, data: data), scale: 0.5)
        let matrix = try PackedMatrix(source, format: nil)
        for piece in matrix.pieces { matrix.pack(piece, kernels: .best) }
        #expect((matrix.format == .wholeTernary) == isWhole, "\(scales)")
        #expect(matrix.isExact)
        guard isWhole else { return }
        #expect(matrix.bitsPerWeight == 2.0 * 32 / 19)
        var expected = [Float](repeating: 0, count: columns), found = expected
        for row in 0..<rows {
          expected.withUnsafeMutableBufferPointer { source.dequantize(row: row, into: $0) }
          found = matrix.values[row]
          #expect(zip(expected, found).allSatisfy { $0 * 0.5 == $1 }, "row \(row), \(scales)")
        }
      }
    }
  }

  /// Rows of I2_S that begin inside a block are laid out from their values.
  @Test func rowsMayBeginInsideABlock() throws {
    var random = SeededGenerator(seed: 3)
    let weights = BlockMatrix(.i2_s, rows: 34, columns: 192, scale: 1, using: &random)
    let matrix = weights.packed(kernels: .best)
    #expect(matrix.format == .wholeTernary && !matrix.keepsBlocks && matrix.isExact)
    #expect(matrix.values == weights.values)
  }

  /// A model with ternary weights takes activations of 8 bits, a model with others 16, unless the plan says otherwise.
  @Test func activationsAreAsInTraining() throws {
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).gguf"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try TinyModel.bitnet().write(to: path)
    let model = try Model(path: path)
    #expect(model.isTernary && model.nativeActivationBits == 8)
    let context = try InferenceContext(model, context: 16)
    let native = try context.allLogits([3, 1, 4, 1, 5])
    for (bits, isSame) in [(8, true), (16, false), (4, false)] {
      var plan = Plan()
      plan.activationBits = bits
      try context.use(plan)
      #expect((try context.allLogits([3, 1, 4, 1, 5]) == native) == isSame, "\(bits) bits")
    }
    try TinyModel.llama().write(to: path)
    #expect(try Model(path: path).nativeActivationBits == 16)
  }

  /// A model against its computation in numpy with whole numbers, as `Fixtures/make_ternary.py` has written it down.
  @Test func agreesWithWholeNumbers() throws {
    let fixtures = ArchitectureTests.Fixtures.load("ternary"), fixture = fixtures.models[0]
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).gguf"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try fixture.write(to: path, vocabulary: fixtures.vocabulary, isTernary: true)
    let context = try InferenceContext(Model(path: path), context: fixture.context)
    #expect(context.model.isTernary)
    func divergences() throws -> [Double] {
      zip(fixture.logProbabilities, try context.allLogits(fixtures.tokens)).map {
        divergence($0, logSoftmax($1))
      }
    }
    let native = try divergences()
    #expect(native.max()! < 2e-5, "KL of the tokens: \(native)")
    // With other activations the same weights compute something else: so the comparison does see them.
    for bits in [16, 4] {
      try context.use(.with { $0.activationBits = bits })
      let others = try divergences()
      #expect(others.max()! > 2e-5, "\(bits) bits, KL of the tokens: \(others)")
    }
  }
}
