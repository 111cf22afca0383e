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
  let finalNorm: NormWeights

  /// What the kernels see of a layer; nil where the plan drops the sublayer or the model has none.
  struct LayerWeights {
    var attention: AttentionWeights?
    var mlp: MLPWeights?
  }

  struct AttentionWeights {
    var input: InputWeights
    /// nil: the output matrix takes the sublayer's input itself.
    var heads: HeadWeights?
    var subNorm: NormWeights?
    var output: pare_matrix
    var outputBias: UnsafePointer<Float>?
    var postNorm: NormWeights?
  }

  struct HeadWeights {
    var shape: LayerShape
    var query, key, value: pare_matrix
    var queryBias, keyBias, valueBias: UnsafePointer<Float>?
    var queryNorm, keyNorm: HeadNormWeights?
  }

  struct MLPWeights {
    /// Elements of the hidden row.
    var width: Int
    var input: InputWeights
    var gate, up, down: pare_matrix
    var gateBias, upBias, downBias: UnsafePointer<Float>?
    var subNorm: NormWeights?
    var postNorm: NormWeights?
  }

  struct NormWeights {
    var weight: UnsafePointer<Float>?
    var bias: UnsafePointer<Float>?
  }

  /// Where a sublayer's input comes from; see ``LayerTensors/Input``.
  enum InputWeights {
    case norm(NormWeights)
    case stream
    case attentionInput
  }

  struct HeadNormWeights {
    var weight: UnsafePointer<Float>?
    /// Weights between heads; 0 where all share them.
    var stride: Int
    var coversAllHeads: Bool
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
  /// - Throws: ``MemoryError``, `CancellationError`.
  init(
    _ model: Model, plan: Plan, reusing previous: Weights?, pool: ComputePool, kernels: Kernels,
    progress: @escaping @Sendable (Double) -> Void, isCancelled: @escaping @Sendable () -> Bool
  ) throws {
    var matrices: [Place: PackedMatrix] = [:]
    var missing: [PackedMatrix] = []
    func packed(_ place: Place, _ source: MatrixSource, _ width: BitWidth) throws -> pare_matrix {
      let format = width.format
      if let matrix = previous?.matrices[place],
        matrix.format == (format ?? PackedFormat(holding: source.type))
      {
        matrices[place] = matrix
      } else {
        let matrix = try PackedMatrix(source, format: format)
        matrices[place] = matrix
        missing.append(matrix)
      }
      return matrices[place]!.view
    }
    let vectors = Vectors()
    var layers: [LayerWeights] = []
    for (layer, tensors) in model.layers.enumerated() {
      var weights = LayerWeights()
      func matrix(_ role: Place.Role, _ source: MatrixSource, _ width: BitWidth) throws -> pare_matrix {
        try packed(Place(layer: layer, role: role), source, width)
      }
      if plan.runs(.attention, layer: layer), let a = tensors.attention {
        let bits = plan.bits(of: .attention, layer: layer)
        weights.attention = try AttentionWeights(
          input: vectors[a.input],
          heads: a.heads.map { heads in
            try HeadWeights(
              shape: model.shape.layerShapes[layer],
              query: matrix(.query, heads.query, bits), key: matrix(.key, heads.key, bits),
              value: matrix(.value, heads.value, bits), queryBias: vectors[heads.queryBias],
              keyBias: vectors[heads.keyBias], valueBias: vectors[heads.valueBias],
              queryNorm: vectors[heads.queryNorm, model.shape], keyNorm: vectors[heads.keyNorm, model.shape])
          },
          subNorm: vectors[a.subNorm], output: matrix(.attentionOutput, a.output, bits),
          outputBias: vectors[a.outputBias], postNorm: vectors[a.postNorm])
      }
      if plan.runs(.mlp, layer: layer), let m = tensors.mlp {
        let bits = plan.bits(of: .mlp, layer: layer)
        var input = m.input
        // Without the attention its input is not there to be shared; the stream it came from still is.
        if case .attentionInput = input, weights.attention == nil, let attention = tensors.attention {
          input = attention.input
        }
        weights.mlp = try MLPWeights(
          width: m.gate.rows, input: vectors[input], gate: matrix(.gate, m.gate, bits),
          up: matrix(.up, m.up, bits), down: matrix(.down, m.down, bits), gateBias: vectors[m.gateBias],
          upBias: vectors[m.upBias], downBias: vectors[m.downBias], subNorm: vectors[m.subNorm],
          postNorm: vectors[m.postNorm])
      }
      layers.append(weights)
    }
    head = try packed(Place(layer: nil, role: .head), model.head, plan.headBits)
    finalNorm = vectors[model.finalNorm]
    self.layers = .allocate(capacity: layers.count)
    _ = self.layers.initialize(from: layers)
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

  subscript(source: VectorSource?) -> UnsafePointer<Float>? {
    guard let source else { return nil }
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: source.count)
    source.copy(into: buffer)
    buffers.append(buffer)
    return UnsafePointer(buffer.baseAddress)
  }

  subscript(norm: Norm) -> Weights.NormWeights {
    Weights.NormWeights(weight: self[norm.weight], bias: self[norm.bias])
  }

  subscript(norm: Norm?) -> Weights.NormWeights? { norm.map { self[$0] } }

  subscript(input: LayerTensors.Input) -> Weights.InputWeights {
    switch input {
    case .norm(let norm): .norm(self[norm])
    case .stream: .stream
    case .attentionInput: .attentionInput
    }
  }

  subscript(norm: LayerTensors.HeadNorm?, shape: Hyperparameters) -> Weights.HeadNormWeights? {
    norm.map {
      Weights.HeadNormWeights(
        weight: self[$0.weight], stride: $0.weight.count == shape.keyWidth ? 0 : shape.keyWidth,
        coversAllHeads: $0.coversAllHeads)
    }
  }
}
