import CKernels
import Quantization

/// Everything a forward pass writes besides the KV cache, allocated once, for the largest of the layers. `t` runs
/// over the batch.
final class Workspace: @unchecked Sendable {  // parts are written by disjoint workers
  /// Tokens computed together at most: enough to amortise unpacking weights, few enough for the caches.
  static let batch = 256
  /// Rows of logits computed together at most.
  static let logitRows = 32

  let width: Int
  /// The residual stream [t, width].
  let stream: UnsafeMutablePointer<Float>
  /// The stream at the start of the block, kept when probing [t, width].
  let blockInput: UnsafeMutablePointer<Float>
  /// Normed input of a sublayer [t, width].
  let normed: Activations
  /// Queries [t, heads · key width], keys and values of the batch [t, KV heads · width].
  let queries, keys, values: UnsafeMutablePointer<Float>
  let queryStride, keyStride, valueStride: Int
  /// Attention output, heads side by side [t, heads · value width].
  let attended: Activations
  /// Gate, then gate · up [t, MLP width]; and up.
  let hidden: Activations
  let up: UnsafeMutablePointer<Float>
  /// What a sublayer adds to the stream [t, delta stride].
  let delta: UnsafeMutablePointer<Float>
  let deltaStride: Int
  /// [logitRows, vocabulary padded].
  let logits: UnsafeMutablePointer<Float>
  let logitStride: Int
  /// Sums over the logits of a token that is read alone.
  let logitParts: UnsafeMutableBufferPointer<LogDistribution.Part>
  let rope: RopeTables

  /// Scratch of each worker.
  let panels: [UnsafeMutableRawPointer]

  /// What queries find in each chunk of the context [query, chunk, partial stride]: of PARE_QUERY_BLOCK queries for
  /// each worker, or of all heads of one token.
  let partials: UnsafeMutablePointer<Float>
  let partialStride: Int
  let chunks: Int

  init(_ model: Model, capacity: Int, workers: Int) {
    let shape = model.shape, batch = max(Self.batch, 1 + workers)  // see Rows
    width = shape.width
    let tile = PackedMatrix.tileRows
    let heads = shape.largest(\.heads), kvHeads = shape.largest(\.kvHeads)
    stream = allocateZeroed(batch * shape.width)
    blockInput = allocateZeroed(batch * shape.width)
    normed = .allocate(tokens: batch, width: shape.width)
    queryStride = (heads * shape.keyWidth).roundedUp(to: tile)
    keyStride = (kvHeads * shape.keyWidth).roundedUp(to: tile)
    valueStride = (kvHeads * shape.valueWidth).roundedUp(to: tile)
    queries = allocateZeroed(batch * queryStride)
    keys = allocateZeroed(batch * keyStride)
    values = allocateZeroed(batch * valueStride)
    attended = .allocate(tokens: batch, width: heads * shape.valueWidth)
    hidden = .allocate(tokens: batch, width: shape.largest(\.mlpWidth))
    up = allocateZeroed(batch * hidden.stride)
    deltaStride = shape.width.roundedUp(to: tile)
    delta = allocateZeroed(batch * deltaStride)
    logitStride = shape.vocabulary.roundedUp(to: tile)
    logits = allocateZeroed(Self.logitRows * logitStride)
    let parts = LogDistribution.Part.count(of: shape.vocabulary)
    logitParts = .init(start: allocateZeroed(parts), count: parts)
    rope = RopeTables(model, batch: batch, capacity: capacity)
    chunks = capacity.roundedUp(to: Int(PARE_CHUNK)) / Int(PARE_CHUNK)
    partialStride = Int(PARE_PARTIAL_VALUES) + shape.valueWidth.roundedUp(to: 32)
    partials = allocateZeroed(max(workers * Int(PARE_QUERY_BLOCK), heads) * chunks * partialStride)
    panels = (0..<workers).map { _ in
      .allocate(byteCount: Int(PARE_PANEL_BYTES), alignment: 64)
    }
  }

  /// The partials of a query.
  @inline(__always)
  func partials(row: Int) -> UnsafeMutablePointer<Float> { partials + row * chunks * partialStride }

  deinit {
    for pointer in [stream, blockInput, queries, keys, values, up, delta, logits, partials] {
      pointer.deallocate()
    }
    logitParts.deallocate()
    for panel in panels { panel.deallocate() }
    for activations in [normed, attended, hidden] { activations.deallocate() }
  }
}
