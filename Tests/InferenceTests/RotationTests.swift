import Inference
import Quantization
import TestModels
import Testing
import Tokenization

/// Rotations merged into the weights: the model computes the same.
@Suite struct RotationTests {
  /// Rotated and held at 16 bits, a model computes the same as before, but for the rounding of its weights,
  /// and finds the same similarities, whatever is dropped.
  @Test(arguments: ["llama", "qwen2", "bitnet"])
  func rotatedAgreesWithUnrotated(name: String) throws {
    let tiny = name == "bitnet" ? TinyModel.bitnet() : TinyModel.named(name)
    try tiny.withFile { path in
      var random = SeededGenerator(seed: 9)
      let tokens = TinyModelTests.randomTokens(30, using: &random)
      var plan = Plan()
      plan.rotate = true
      // Coarser activations are others in another basis.
      plan.activationBits = 16
      let model = try Model(path: path)
      let context = try InferenceContext(model, plan: plan, threads: 2, context: 64, recordsSimilarity: true)
      #expect(context.figures().bitsPerWeight > 15.9)
      let plain = try InferenceContext(model, context: 64, recordsSimilarity: true)
      for dropped: Set<Int> in [[], [0, 2]] {
        plan.drop.attention = dropped
        try context.use(plan)
        plan.rotate = false
        try plain.use(plan)
        plan.rotate = true
        let expected = try plain.allLogits(tokens)
        let divergences = try context.allLogits(tokens).enumerated().map {
          divergence(logSoftmax(expected[$0.offset]).map(Float.init), logSoftmax($0.element))
        }
        #expect(divergences.max()! < 1e-3 && divergences.reduce(0, +) / 30 < 5e-5)
        let (report, plainReport) = (try #require(context.similarity()), try #require(plain.similarity()))
        let worst = zip(report.block.joined(), plainReport.block.joined()).map { abs($0 - $1) }.max()!
        #expect(worst < 5e-3)
      }
    }
  }

  /// In whatever pieces a matrix is packed, what it holds is Rₒᵀ · W · diag(g) · Rᵢ, whose rows are a head's
  /// or all.
  @Test(arguments: [16, 48, 576])
  func mergesIntoTheMatrix(rowsRotated: Int) throws {
    var random = SeededGenerator(seed: 2)
    let rows = 576, columns = 640, gains = random.gaussians(columns)
    let values = (0..<rows).map { _ in random.gaussians(columns) }
    let (input, output) = (Hadamard(size: 128), Hadamard(size: rowsRotated))
    var expected = values.map { row in
      stride(from: 0, to: columns, by: 128).flatMap { start in
        input.applied(to: (start..<start + 128).map { row[$0] * gains[$0] })
      }
    }
    for column in 0..<columns {
      for start in stride(from: 0, to: rows, by: rowsRotated) {
        let rotated = output.applied(to: (start..<start + rowsRotated).map { expected[$0][column] })
        for r in 0..<rowsRotated { expected[start + r][column] = rotated[r] }
      }
    }
    let rotation = MatrixRotation(gains: gains, input: input, output: output)
    for (format, bound) in [(PackedFormat.f16, Float(1e-6)), (.affine4, 0.01), (.trellis3, 0.04)] {
      let packed = BlockMatrix(values: values).packed(format, rotation: rotation, kernels: .best)
      var error: Float = 0, size: Float = 0
      for (value, expected) in zip(packed.values.joined(), expected.joined()) {
        error += (value - expected) * (value - expected)
        size += expected * expected
      }
      #expect(error < bound * size, "\(format.name): \(error / size)")
    }
  }
}
