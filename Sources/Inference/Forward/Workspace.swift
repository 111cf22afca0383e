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

  init(_ model: Model, capacity: Int, workers: Int) {
    let shape = model.shape, batch = max(Self.batch, 1 + workers)  // see WorkerRows
    func rows(_ count: Int, _ width: Int) -> RowBuffer {
      .allocate(rows: count, width: width.roundedUp(to: PackedMatrix.tileRows))
    }
    let queryHeads = shape.largest(\.queryHeads)
    stream = .allocate(rows: batch, width: shape.width)
    layerInput = .allocate(rows: batch, width: shape.width)
    normed = .allocate(tokens: batch, width: shape.width)
    queries = rows(batch, shape.largest { $0.queryHeads * $0.keyWidth })
    keys = rows(batch, shape.largest { $0.kvHeads * $0.keyWidth })
    values = rows(batch, shape.largest { $0.kvHeads * $0.valueWidth })
    attended = .allocate(tokens: batch, width: shape.largest { $0.queryHeads * $0.valueWidth })
    hidden = .allocate(tokens: batch, width: shape.largest(\.mlpWidth))
    up = .allocate(rows: batch, width: hidden.stride)
    delta = rows(batch, shape.width)
    logits = rows(Self.logitRows, shape.vocabulary)
    let parts = LogDistribution.Part.count(of: shape.vocabulary)
    logitParts = .init(start: allocateZeroed(parts), count: parts)
    rope = RopeTables(model, batch: batch, capacity: capacity)
    chunks = capacity.roundedUp(to: Int(PARE_CHUNK)) / Int(PARE_CHUNK)
    partialStride = Int(PARE_PARTIAL_VALUES) + shape.largest(\.valueWidth).roundedUp(to: 32)
    partials = allocateZeroed(max(workers * Int(PARE_QUERY_BLOCK), queryHeads) * chunks * partialStride)
    panels = (0..<workers).map { _ in
      .allocate(byteCount: Int(PARE_PANEL_BYTES), alignment: 64)
    }
  }

  /// The partials of a query.
  @inline(__always)
  func partials(row: Int) -> UnsafeMutablePointer<Float> { partials + row * chunks * partialStride }

  deinit {
    for rows in [stream, layerInput, queries, keys, values, up, delta, logits] { rows.deallocate() }
    partials.deallocate()
    logitParts.deallocate()
    for panel in panels { panel.deallocate() }
    for activations in [normed, attended, hidden] { activations.deallocate() }
  }
}
