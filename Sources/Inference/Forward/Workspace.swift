import CKernels
import Quantization

/// Everything a forward pass writes besides the KV cache, allocated once, for the largest of the layers. `t`
/// runs over the batch.
final class Workspace: @unchecked Sendable {  // parts are written by disjoint workers
  /// Tokens computed together at most: enough to amortise unpacking weights, few enough for the caches.
  static let batch = 256
  /// Rows of logits computed together at most.
  static let logitRows = 32

  /// The residual stream, and the stream at the start of the layer, kept for similarities [t, width].
  let stream, layerInput: RowBuffer
  /// Normed input of a sublayer [t, width].
  let normed: Activations
  /// Queries [t, heads · key width], keys and values of the batch [t, KV heads · width].
  let queries, keys, values: RowBuffer
  /// Attention output, heads side by side [t, heads · value width].
  let attended: Activations
  /// Gate, then gate · up [t, MLP width]; and up.
  let hidden: Activations
  let up: RowBuffer
  /// The output of a sublayer [t, width].
  let delta: RowBuffer
  /// [logitRows, vocabulary].
  let logits: RowBuffer
  /// The same after tokens that were read ahead, which stay while other logits are computed. Takes no memory
  /// before that.
  let guesses: RowBuffer
  /// Sums over the logits of a token that is read alone.
  let logitParts: UnsafeMutableBufferPointer<LogDistribution.Part>
  let rope: RopeTables

  /// Scratch of each worker.
  let panels: [UnsafeMutableRawPointer]

  /// The partial results of queries in each chunk of the context [query, chunk, partial stride]: of
  /// PARE_QUERY_BLOCK queries for each worker, or of all heads of one token.
  let partials: UnsafeMutablePointer<Float>
  let partialStride: Int
  let chunks: Int

  /// The sizes of all parts, for the largest of a model's layers.
  struct Sizes {
    let batch: Int
    /// Elements of a row.
    let stream, queries, keys, values, attended, hidden, vocabulary: Int
    let ropePairs: Int
    let partialRows, chunks, partialStride: Int
    let workers: Int

    init(_ shape: Hyperparameters, capacity: Int, workers: Int) {
      batch = max(Workspace.batch, 1 + workers)  // see WorkerRows
      stream = shape.width
      queries = shape.largest { $0.queryHeads * $0.keyWidth }.roundedUp(to: PackedMatrix.tileRows)
      keys = shape.largest { $0.kvHeads * $0.keyWidth }.roundedUp(to: PackedMatrix.tileRows)
      values = shape.largest { $0.kvHeads * $0.valueWidth }.roundedUp(to: PackedMatrix.tileRows)
      attended = shape.largest { $0.queryHeads * $0.valueWidth }
      hidden = shape.largest(\.mlpWidth)
      vocabulary = shape.vocabulary.roundedUp(to: PackedMatrix.tileRows)
      ropePairs = shape.ropeDimensions / 2
      partialRows = max(workers * Int(PARE_QUERY_BLOCK), shape.largest(\.queryHeads))
      chunks = capacity.roundedUp(to: Int(PARE_CHUNK)) / Int(PARE_CHUNK)
      partialStride = Int(PARE_PARTIAL_VALUES) + shape.largest(\.valueWidth).roundedUp(to: 32)
      self.workers = workers
    }

    /// Bytes of the workspace.
    var byteCount: Int {
      // Stream twice, a sublayer's output, queries, keys and values of the batch.
      let rows = batch * (2 * stream + stream.roundedUp(to: PackedMatrix.tileRows) + queries + keys + values)
      let up = batch * hidden.roundedUp(to: Activations.group), logits = 2 * Workspace.logitRows * vocabulary
      let rope = batch * (2 * 2 * ropePairs + 1), partials = partialRows * chunks * partialStride
      return (rows + up + logits + rope + partials) * MemoryLayout<Float>.stride
        + [stream, attended, hidden].reduce(0) { $0 + Activations.byteCount(tokens: batch, width: $1) }
        + workers * Int(PARE_PANEL_BYTES)
    }
  }

  init(_ model: Model, capacity: Int, workers: Int) {
    let sizes = Sizes(model.shape, capacity: capacity, workers: workers), batch = sizes.batch
    stream = .allocate(rows: batch, width: sizes.stream)
    layerInput = .allocate(rows: batch, width: sizes.stream)
    normed = .allocate(tokens: batch, width: sizes.stream)
    queries = .allocate(rows: batch, width: sizes.queries)
    keys = .allocate(rows: batch, width: sizes.keys)
    values = .allocate(rows: batch, width: sizes.values)
    attended = .allocate(tokens: batch, width: sizes.attended)
    hidden = .allocate(tokens: batch, width: sizes.hidden)
    up = .allocate(rows: batch, width: hidden.stride)
    delta = .allocate(rows: batch, width: sizes.stream.roundedUp(to: PackedMatrix.tileRows))
    logits = .allocate(rows: Self.logitRows, width: sizes.vocabulary)
    guesses = .allocate(rows: Self.logitRows, width: sizes.vocabulary)
    let parts = LogDistribution.Part.count(of: model.shape.vocabulary)
    logitParts = .init(start: allocateZeroed(parts), count: parts)
    rope = RopeTables(model, batch: batch, capacity: capacity)
    chunks = sizes.chunks
    partialStride = sizes.partialStride
    partials = allocateZeroed(sizes.partialRows * chunks * partialStride)
    panels = (0..<workers).map { _ in
      .allocate(byteCount: Int(PARE_PANEL_BYTES), alignment: 64)
    }
  }

  /// The partials of a query.
  @inline(__always)
  func partials(row: Int) -> UnsafeMutablePointer<Float> { partials + row * chunks * partialStride }

  deinit {
    for rows in [stream, layerInput, queries, keys, values, up, delta, logits, guesses] { rows.deallocate() }
    partials.deallocate()
    logitParts.deallocate()
    for panel in panels { panel.deallocate() }
    for activations in [normed, attended, hidden] { activations.deallocate() }
  }
}
