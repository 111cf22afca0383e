import Quantization

/// The encoding errors and the shares of zeros, one matrix after the other.
struct WeightsComputation: ProbeComputation {
  private struct Measured {
    weak var matrix: PackedMatrix?
    var error: Float
    var zeros: Float?
  }

  private var measured: [Weights.Place: Measured] = [:]

  init(_ context: InferenceContext) {}

  /// Weights do not depend on the tokens; after a change of plan those that stayed the same are recognized.
  mutating func keep(first count: Int) {}

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let missing = context.weights.matrices.first { place, matrix in
      Self.isShown(place) && measured[place]?.matrix !== matrix
    }
    guard let (place, matrix) = missing else { return false }
    measured[place] = Measured(
      matrix: matrix, error: matrix.isExact ? 0 : error(of: matrix, context.transformer),
      zeros: matrix.zeroShare.map { Float($0) })
    return true
  }

  /// ‖Ŵ − W‖ / ‖W‖, estimated from products with vectors of random signs: the mean square of each element of
  /// such a product is that of its row. With 16 vectors and some hundred rows the estimate is good to about 2
  /// %.
  private func error(of matrix: PackedMatrix, _ transformer: Transformer) -> Float {
    let vectors = SIMD16<Float>.scalarCount, columns = matrix.columns
    var random = SplitMix64(state: 0)
    let signs = (0..<columns).map { _ in
      let bits = random.next()
      return SIMD16<Float>((0..<vectors).map { bits >> UInt64($0) & 1 == 0 ? -1 : 1 })
    }
    let inputs = Activations.allocate(tokens: vectors, width: columns)
    let products = RowBuffer.allocate(rows: vectors, width: matrix.tiles * PackedMatrix.tileRows)
    defer {
      inputs.deallocate()
      products.deallocate()
    }
    for t in 0..<vectors {
      for column in 0..<columns { inputs.row(t)[column] = signs[column][t] }
      inputs.quantize(token: t, of: vectors, columns: 0..<inputs.stride, .wide, transformer.kernels)
    }
    let work = UncheckedBox((matrix: matrix.view, inputs: inputs, products: products))
    transformer.perform(transformer.scattered(Array(0..<vectors))) {
      $0.multiply(work.value.matrix, work.value.inputs, .wide, into: work.value.products)
    }
    // A rotation across the rows needs all of them; else some will do.
    let step = matrix.outputRotation == nil ? max(1, matrix.rows / 256) : 1
    let rows = Array(Swift.stride(from: 0, to: matrix.rows, by: step))
    var expected = rows.map { Self.product(of: matrix, row: $0, signs) }
    if let rotation = matrix.outputRotation {
      expected.withUnsafeMutableBytes {
        rotation.apply(to: $0.bindMemory(to: Float.self).baseAddress!, count: rows.count, lanes: vectors)
      }
    }
    var errors = 0.0, squares = 0.0
    for (row, expected) in zip(rows, expected) {
      for t in 0..<vectors {
        let difference = Double(products.row(t)[row] - expected[t])
        errors += difference * difference
        squares += Double(expected[t]) * Double(expected[t])
      }
    }
    return squares > 0 ? Float((errors / squares).squareRoot()) : 0
  }

  private static func product(of matrix: PackedMatrix, row: Int, _ signs: [SIMD16<Float>]) -> SIMD16<Float> {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: matrix.columns) { values in
      matrix.sourceRow(row, into: values)
      var sum = SIMD16<Float>.zero
      for column in 0..<matrix.columns { sum += signs[column] * values[column] }
      return sum
    }
  }

  private static func isShown(_ place: Weights.Place) -> Bool {
    place.role == .head || WeightSummary.Role.allCases.contains { role(of: $0) == place.role }
  }

  private static func role(of role: WeightSummary.Role) -> Weights.Place.Role {
    switch role {
    case .query: .query
    case .key: .key
    case .value: .value
    case .output: .attentionOutput
    case .gate: .gate
    case .up: .up
    case .down: .down
    }
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    func summary(_ place: Weights.Place) -> WeightSummary.Matrix? {
      context.weights.matrices[place].map { matrix in
        let known = measured[place].flatMap { $0.matrix === matrix ? $0 : nil }
        return WeightSummary.Matrix(
          bits: Float(matrix.bitsPerWeight), error: known?.error, zeros: known?.zeros, rows: matrix.rows,
          columns: matrix.columns)
      }
    }
    return .weights(
      WeightSummary(
        layers: (0..<context.model.shape.layers).map { layer in
          WeightSummary.Role.allCases.map { summary(Weights.Place(layer: layer, role: Self.role(of: $0))) }
        }, head: summary(Weights.Place(layer: nil, role: .head))))
  }

  func fraction(_ context: InferenceContext) -> Double {
    let shown = context.weights.matrices.filter { Self.isShown($0.key) }
    let done = shown.count { measured[$0.key]?.matrix === $0.value }
    return Double(done) / Double(max(1, shown.count))
  }
}
