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

  /// One layer as the kernels see it.
  struct LayerWeights {
    var attention = MixerWeights.absent
    var mlp = FeedForwardWeights.absent
  }

  /// The sublayer that mixes tokens.
  enum MixerWeights {
    case attention(AttentionWeights)
    /// In the place of a dropped attention, or as the model has it.
    case map(MapWeights)
    case absent
  }

  /// The sublayer that computes token by token.
  enum FeedForwardWeights {
    case mlp(MLPWeights)
    /// In the place of a dropped MLP.
    case map(MapWeights)
    case absent
  }

  /// A linear map of a sublayer's input.
  struct MapWeights {
    /// nil where nobody reads it.
    var input: InputWeights?
    /// nil: the output is the bias.
    var matrix: pare_matrix?
    var bias: UnsafePointer<Float>?
    /// Nothing comes out at the first position.
    var skipsFirst = false
    var postNorm: NormWeights?
  }

  struct AttentionWeights {
    var shape: LayerShape
    var input: InputWeights
    var query, key, value: pare_matrix
    var queryBias, keyBias, valueBias: UnsafePointer<Float>?
    var queryNorm, keyNorm: HeadNormWeights?
    /// A score of each head that takes its part of the softmax and has no value; nil for none.
    var sinks: UnsafePointer<Float>?
    var subNorm: NormWeights?
    /// The heads that attend; nil for all.
    var running: RunningHeads?
    /// The heads whose outputs are made zero before the output matrix reads them.
    var dropped = UnsafeBufferPointer<Int32>(start: nil, count: 0)
    var output: pare_matrix
    var outputBias: UnsafePointer<Float>?
    var postNorm: NormWeights?

    @inline(__always)
    func sink(_ head: Int) -> Float { sinks?[head] ?? -.infinity }

    /// The query heads that a KV head serves and that run.
    @inline(__always)
    func running(ofKVHead kvHead: Int) -> Int {
      running.map { Int($0.counts[kvHead]) } ?? shape.queryHeads / shape.kvHeads
    }

    /// The `index`-th head of those that a KV head serves and that run; nil where there are fewer.
    @inline(__always)
    func head(_ index: Int, ofKVHead kvHead: Int) -> Int? {
      let group = shape.queryHeads / shape.kvHeads
      guard let running else { return kvHead * group + index }
      return index < Int(running.counts[kvHead]) ? Int(running.order[kvHead * group + index]) : nil
    }
  }

  /// The query heads of a layer of which some do not run.
  struct RunningHeads {
    /// The query heads of each KV head, those that run before those that do not.
    var order: UnsafePointer<Int32>
    /// The number of them that run, for each KV head.
    var counts: UnsafePointer<Int32>
  }

  struct MLPWeights {
    /// Elements of the hidden row.
    var width: Int
    var input: InputWeights
    /// nil where the activation is that of `up`.
    var gate: pare_matrix?
    var up, down: pare_matrix
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
  let matrices: [Place: PackedMatrix]
  /// Places whose matrices were read from the cache when these weights were made.
  let readPlaces: Set<Place>
  /// The maps that stand in for dropped sublayers.
  let maps: FittedMaps
  /// nil: the stream is as the file means it.
  let rotations: Rotations?
  private let vectors: VectorStore

  struct Place: Hashable {
    /// nil for the output head.
    var layer: Int?
    var role: Role
    enum Role: Hashable {
      case query, key, value, attentionOutput, gate, up, down, head
      case attentionMap, mlpMap
    }
  }

  /// Packs what `plan` needs and none of `previous`, `library` and `cached` has.
  ///
  /// - Parameters:
  ///   - maps: Stand in for the dropped sublayers they name.
  ///   - importance: What errors count, where weights are encoded anew.
  ///   - progress: Called between slices of the work; returns false to stop it.
  /// - Throws: ``MemoryError``, `CancellationError`.
  init(
    _ model: Model, plan: Plan, maps: FittedMaps = [:], importance: Importance? = nil,
    reusing previous: Weights?, library: MatrixLibrary? = nil, cached: CachedWeights? = nil,
    pool: ComputePool, kernels: Kernels, progress: (Double) -> Bool
  ) throws {
    let builder = WeightsBuilder(
      model: model, plan: plan, maps: maps, previous: previous, library: library, cached: cached)
    var built = try model.layers.indices.map { try builder.layer($0) }, end = try builder.head()
    let damaged =
      try cached.map { try Self.read(builder.kept, from: $0, pool: pool, progress: progress) } ?? []
    readPlaces = Set(builder.kept.map(\.place)).subtracting(damaged.map(\.place))
    try Self.pack(
      builder.missing + damaged, importance, of: model.file, pool: pool, kernels: kernels, progress: progress)
    if try builder.widenScales() {
      built = try model.layers.indices.map { try builder.layer($0) }
      end = try builder.head()
      try Self.pack(
        builder.missing, importance, of: model.file, pool: pool, kernels: kernels, progress: progress)
    }
    (finalNorm, head) = end
    layers = .allocate(capacity: built.count)
    _ = layers.initialize(from: built)
    self.plan = plan
    self.maps = maps
    rotations = builder.rotations
    matrices = builder.matrices
    vectors = builder.vectors
  }

  deinit { layers.deallocate() }

  /// How long the pool packs before others may use it: an answer that goes on meanwhile hardly falters.
  private static let slice = Duration.milliseconds(20)

  /// Bytes that are packed before the file's pages are taken out of memory: packed weights and what they were
  /// made of are not both there.
  private static let fileBytesAtOnce = 8 << 20

  /// Reads matrices from the cache.
  ///
  /// - Returns: Those that are not what was written.
  private static func read(
    _ matrices: [(place: Place, matrix: PackedMatrix)], from cached: CachedWeights, pool: ComputePool,
    progress: (Double) -> Bool
  ) throws -> [(place: Place, matrix: PackedMatrix)] {
    let work = matrices.indices.flatMap { index in
      cached.pieces(of: matrices[index].place).map { (matrix: index, piece: $0) }
    }
    let next = Counter(), clock = ContinuousClock(), damaged = Mutex<Set<Int>>([])
    while next.value < work.count {
      let deadline = clock.now + slice
      pool.run { _ in
        while clock.now < deadline, case let index = next.take(), index < work.count {
          let (matrix, piece) = work[index]
          if !cached.read(piece, into: matrices[matrix].matrix) {
            damaged.withLock { _ = $0.insert(matrix) }
          }
        }
      }
      guard progress(min(1, Double(next.value) / Double(work.count))) else { throw CancellationError() }
    }
    return damaged.withLock { $0.sorted().map { matrices[$0] } }
  }

  private static func pack(
    _ matrices: [(place: Place, matrix: PackedMatrix)], _ importance: Importance?, of file: GGUFFile,
    pool: ComputePool, kernels: Kernels, progress: (Double) -> Bool
  ) throws {
    let work = matrices.flatMap { place, matrix in
      matrix.pieces.map { (place: place, matrix: matrix, piece: $0) }
    }
    let next = Counter(), bytes = Counter(), clock = ContinuousClock()
    while next.value < work.count {
      let deadline = clock.now + slice
      pool.run { _ in
        while clock.now < deadline, case let index = next.take(), index < work.count {
          let (place, matrix, piece) = work[index]
          matrix.pack(piece, kernels: kernels, importance: importance?[place])
          let count = matrix.sourceBytes(of: piece), before = bytes.take(count)
          if before / fileBytesAtOnce < (before + count) / fileBytesAtOnce { file.release() }
        }
      }
      guard progress(min(1, Double(next.value) / Double(work.count))) else { throw CancellationError() }
    }
  }

}

extension Weights {
  /// Weight bytes that one decoded token reads.
  var bytesPerToken: Int { matrices.values.reduce(0) { $0 + $1.byteCount } }

  /// Weights of the matrices in some places.
  func weightCount(in isCounted: (Place) -> Bool) -> Int {
    matrices.reduce(0) { isCounted($1.key) ? $0 + $1.value.rows * $1.value.columns : $0 }
  }

  /// b/w over all matrices, or over those of one layer; nil where there are none.
  func bitsPerWeight(layer: Int? = nil) -> Double? {
    let chosen = matrices.filter { layer == nil || $0.key.layer == layer }.values
    let weights = chosen.reduce(0) { $0 + $1.rows * $1.columns }
    return weights == 0 ? nil : Double(chosen.reduce(0) { $0 + $1.byteCount }) * 8 / Double(weights)
  }
}

extension BitWidth {
  /// The packed format of a width for weights of the file; nil keeps the file's own.
  ///
  /// Blocks that have codes of the width already are kept, for nothing can be gained by encoding them again;
  /// save those that spend 16 bits on an offset for 32 weights.
  func format(of source: MatrixSource) -> PackedFormat? {
    guard let encoded else { return nil }
    let own = PackedFormat(holding: source)
    let isKept =
      own.codeBits == encoded.codeBits && !own.hasHalfOffsets
      && (self != .ternary || own == .wholeTernary)
    return isKept ? own : encoded
  }

  /// The packed format that a plan holds weights in at this width. Rotated weights do not fit the file's
  /// blocks: their native form is plain numbers.
  func format(of source: MatrixSource, isRotated: Bool) -> PackedFormat {
    isRotated ? encoded ?? .f16 : format(of: source) ?? PackedFormat(holding: source)
  }

  /// Bits of a weight that is encoded in this width, scales included; nil for the file's own.
  public var encodedBitsPerWeight: Double? {
    let columns = 1024, rows = 16
    return encoded.map { Double($0.tileBytes(columns: columns) * 8) / Double(rows * columns) }
  }

  /// The format that weights are encoded in; nil keeps them as they are.
  var encoded: PackedFormat? {
    switch self {
    case .native: nil
    case .eight: .d8
    case .six: .affine6
    case .five: .affine5
    case .four: .affine4
    case .three: .trellis3
    case .two: .affine2
    case .ternary: .ternary
    case .one: .trellis1
    }
  }
}
