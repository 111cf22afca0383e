import CKernels
import GGUF
import Quantization
import Synchronization

/// The packed matrices that a plan runs, and the plain vectors beside them.
///
/// Made for one plan and never changed: a new plan makes new weights, which share the matrices whose width
/// stayed the same. Dropped sublayers hold nothing.
final class Weights: @unchecked Sendable {  // filled in init, then only read
  let plan: Plan
  /// One for each layer.
  let layers: UnsafeMutableBufferPointer<LayerWeights>
  let head: pare_matrix
  let finalNorm: UnsafePointer<Float>?

  /// What the kernels see of a layer; nil where the plan drops the sublayer.
  struct LayerWeights {
    var attention: AttentionWeights?
    var mlp: MLPWeights?
  }

  struct AttentionWeights {
    var norm: UnsafePointer<Float>?
    var query, key, value, output: pare_matrix
    var queryBias, keyBias, valueBias, outputBias: UnsafePointer<Float>?
    var queryNorm, keyNorm, postNorm: UnsafePointer<Float>?
  }

  struct MLPWeights {
    var norm: UnsafePointer<Float>?
    var gate, up, down: pare_matrix
    var postNorm: UnsafePointer<Float>?
  }

  /// The matrices behind the views, by their place in the model.
  private let matrices: [Place: PackedMatrix]
  private let vectors: Vectors

  struct Place: Hashable {
    /// nil for the output head.
    var layer: Int?
    var role: Role
    enum Role: Hashable { case query, key, value, attentionOutput, gate, up, down, head }
  }

  /// Packs what `plan` needs and `previous` does not have.
  ///
  /// - Parameters:
  ///   - progress: Called on one thread with the fraction done.
  ///   - isCancelled: Asked now and then.
  /// - Throws: `CancellationError`.
  init(
    _ model: Model, plan: Plan, reusing previous: Weights?, pool: ComputePool, kernels: Kernels,
    progress: @escaping @Sendable (Double) -> Void, isCancelled: @escaping @Sendable () -> Bool
  ) throws {
    var matrices: [Place: PackedMatrix] = [:]
    var missing: [PackedMatrix] = []
    func matrix(_ place: Place, _ source: MatrixSource, _ width: BitWidth) -> pare_matrix {
      let format = width.format
      if let matrix = previous?.matrices[place],
        matrix.format == (format ?? PackedFormat(holding: source.type))
      {
        matrices[place] = matrix
      } else {
        let matrix = PackedMatrix(source, format: format)
        matrices[place] = matrix
        missing.append(matrix)
      }
      return matrices[place]!.view
    }
    let vectors = Vectors()
    layers = .allocate(capacity: model.layers.count)
    for (layer, tensors) in model.layers.enumerated() {
      var weights = LayerWeights()
      if plan.runs(.attention, layer: layer) {
        let bits = plan.bits(of: .attention, layer: layer), a = tensors.attention
        weights.attention = AttentionWeights(
          norm: vectors[a.norm],
          query: matrix(Place(layer: layer, role: .query), a.query, bits),
          key: matrix(Place(layer: layer, role: .key), a.key, bits),
          value: matrix(Place(layer: layer, role: .value), a.value, bits),
          output: matrix(Place(layer: layer, role: .attentionOutput), a.output, bits),
          queryBias: vectors[a.queryBias], keyBias: vectors[a.keyBias], valueBias: vectors[a.valueBias],
          outputBias: vectors[a.outputBias], queryNorm: vectors[a.queryNorm], keyNorm: vectors[a.keyNorm],
          postNorm: vectors[a.postNorm])
      }
      if plan.runs(.mlp, layer: layer) {
        let bits = plan.bits(of: .mlp, layer: layer), m = tensors.mlp
        weights.mlp = MLPWeights(
          norm: vectors[m.norm],
          gate: matrix(Place(layer: layer, role: .gate), m.gate, bits),
          up: matrix(Place(layer: layer, role: .up), m.up, bits),
          down: matrix(Place(layer: layer, role: .down), m.down, bits),
          postNorm: vectors[m.postNorm])
      }
      layers.initializeElement(at: layer, to: weights)
    }
    head = matrix(Place(layer: nil, role: .head), model.head, plan.headBits)
    finalNorm = vectors[model.finalNorm]
    self.plan = plan
    self.matrices = matrices
    self.vectors = vectors
    try Self.pack(missing, pool: pool, kernels: kernels, progress: progress, isCancelled: isCancelled)
  }

  deinit { layers.deallocate() }

  /// Tiles that a thread packs before it looks at the clock and for the next.
  private static let chunk = 16

  private static func pack(
    _ matrices: [PackedMatrix], pool: ComputePool, kernels: Kernels,
    progress: @escaping @Sendable (Double) -> Void, isCancelled: @escaping @Sendable () -> Bool
  ) throws {
    var chunks: [(matrix: PackedMatrix, tiles: Range<Int>)] = []
    for matrix in matrices {
      for first in stride(from: 0, to: matrix.tiles, by: chunk) {
        chunks.append((matrix, first..<min(first + chunk, matrix.tiles)))
      }
    }
    let work = chunks
    let next = Counter()
    pool.run { worker in
      while case let index = next.take(), index < work.count, !isCancelled() {
        work[index].matrix.pack(tiles: work[index].tiles, kernels: kernels)
        if worker == 0 { progress(Double(index + 1) / Double(work.count)) }
      }
    }
    if isCancelled() { throw CancellationError() }
  }

  /// Hands out 0, 1, 2, … to many threads.
  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  }
}

extension Weights {
  /// Weight bytes that one decoded token reads.
  var bytesPerToken: Int { matrices.values.reduce(0) { $0 + $1.byteCount } }

  /// b/w over all matrices, or over those of one layer; nil where there are none.
  func bitsPerWeight(layer: Int? = nil) -> Double? {
    let chosen = matrices.filter { layer == nil || $0.key.layer == layer }.values
    let weights = chosen.reduce(0) { $0 + $1.rows * $1.columns }
    return weights == 0 ? nil : Double(chosen.reduce(0) { $0 + $1.byteCount }) * 8 / Double(weights)
  }
}

extension BitWidth {
  /// The packed format of a width; nil keeps the file's.
  var format: PackedFormat? {
    switch self {
    case .native: nil
    case .eight: .d8
    case .six: .d6
    case .five: .d5
    case .four: .d4
    case .three: .d3
    case .two: .affine2
    case .ternary: .ternary
    case .one: .sign
    }
  }
}

/// Norm weights and biases as f32, at addresses that do not move.
private final class Vectors {
  private var buffers: [UnsafeMutableBufferPointer<Float>] = []

  deinit { for buffer in buffers { buffer.deallocate() } }

  subscript(tensor: Tensor?) -> UnsafePointer<Float>? {
    guard let tensor else { return nil }
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.elementCount)
    tensor.type.dequantize(tensor.data, into: buffer)
    buffers.append(buffer)
    return UnsafePointer(buffer.baseAddress)
  }
}
