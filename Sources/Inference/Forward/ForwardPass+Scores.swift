import CKernels

/// Scores, softmax and weighted values, in chunks of positions whose partial results are put together
/// (FlashAttention, arXiv 2205.14135, without its tiles in caches of a GPU).
extension ForwardPass {
  /// Queries that share a KV head, of neighbouring tokens: keys and values are read once for all of them.
  struct QueryBlock {
    let weights: Weights.AttentionWeights
    let layer: Int
    let kvHead: Int
    /// Of all queries of the KV head, token by token.
    let queries: Range<Int>
    /// Query heads of the KV head that run.
    let group: Int

    init(_ weights: Weights.AttentionWeights, _ layer: Int, kvHead: Int, queries: Range<Int>) {
      self.weights = weights
      self.layer = layer
      self.kvHead = kvHead
      self.group = weights.running(ofKVHead: kvHead)
      self.queries = queries
    }

    var shape: LayerShape { weights.shape }
    func token(_ query: Int) -> Int { query / group }
    func head(_ query: Int) -> Int { weights.head(query % group, ofKVHead: kvHead)! }
  }

  /// attended[t, h·v] ← softmax(q kᵀ · scale) v over the positions that each token sees, of the heads that run.
  func attend(_ w: Weights.AttentionWeights, _ layer: Int) {
    let shape = w.shape, group = shape.queryHeads / shape.kvHeads
    let queries = batch.count * group  // of one KV head at most
    let seen = chunks(shape, first: batch.position, last: batch.position + batch.count - 1)
    // A long context of one token is shared out by chunks too.
    let spans = batch.count == 1 ? seen.count : 1
    let size = min(
      Int(PARE_QUERY_BLOCK), max(1, queries * shape.kvHeads * spans / (4 * pool.count)))
    let blocks = (queries + size - 1) / size
    func block(_ index: Int, kvHead: Int) -> QueryBlock? {
      let count = batch.count * w.running(ofKVHead: kvHead)
      guard index * size < count else { return nil }
      return QueryBlock(w, layer, kvHead: kvHead, queries: index * size..<min((index + 1) * size, count))
    }
    if spans > 1 {
      pool.divide(shape.kvHeads * blocks * spans, worker, least: 1) { units in
        for unit in units {  // chunks of a head lie one after the other
          guard let block = block(unit / spans % blocks, kvHead: unit / (spans * blocks)) else { continue }
          let chunk = seen.lowerBound + unit % spans
          attend(
            block, chunks: chunk..<chunk + 1,
            partials: workspace.partials(row: block.kvHead * group + block.queries.lowerBound)
              + unit % spans * workspace.partialStride)
        }
      }
      barrier()
      for row in pool.share(shape.queryHeads, worker) {
        guard let head = w.head(row % group, ofKVHead: row / group) else { continue }
        combine(workspace.partials(row: row), count: spans, w, token: 0, head: head)
      }
      return
    }
    // Later tokens see more positions: taking turns keeps the workers even.
    let partials = workspace.partials(row: worker * Int(PARE_QUERY_BLOCK))
    for unit in stride(from: worker, to: blocks * shape.kvHeads, by: pool.count) {
      guard let block = block(unit / shape.kvHeads, kvHead: unit % shape.kvHeads) else { continue }
      let seen = chunks(
        shape, first: batch.position + block.token(block.queries.lowerBound),
        last: batch.position + block.token(block.queries.upperBound - 1))
      attend(block, chunks: seen, partials: partials)
      for (index, query) in block.queries.enumerated() {
        combine(
          partials + index * workspace.chunks * workspace.partialStride, count: seen.count, w,
          token: block.token(query), head: block.head(query))
      }
    }
  }

  /// The chunks that tokens at positions `first`…`last` see.
  func chunks(_ shape: LayerShape, first: Int, last: Int) -> Range<Int> {
    shape.firstSeen(from: first) / Int(PARE_CHUNK)..<last / Int(PARE_CHUNK) + 1
  }

  /// The partial results [query, chunk] of a block of queries in `chunks`.
  private func attend(_ block: QueryBlock, chunks: Range<Int>, partials: UnsafeMutablePointer<Float>) {
    var job = attentionJob(block)
    for (index, chunk) in chunks.enumerated() {
      for (q, query) in block.queries.enumerated() {
        let t = block.token(query), position = batch.position + t
        job.set(
          q, query: workspace.queries.row(t) + block.head(query) * block.shape.keyWidth,
          partial: partials + (q * workspace.chunks + index) * workspace.partialStride,
          first: block.shape.firstSeen(from: position), last: position)
      }
      job.chunk = Int32(chunk)
      kernels.pointee.attend(&job)
    }
  }

  /// The fields of a kernel's job that all queries of a block share.
  func attentionJob(_ block: QueryBlock) -> pare_attention {
    var job = pare_attention()
    job.count = Int32(block.queries.count)
    job.keys = UnsafePointer(cache.keys(layer: block.layer, head: block.kvHead))
    job.values = UnsafePointer(cache.values(layer: block.layer, head: block.kvHead))
    job.key_bits = Int32(cache.bits.key)
    job.value_bits = Int32(cache.bits.value)
    job.key_width = Int32(block.shape.keyWidth)
    job.value_width = Int32(block.shape.valueWidth)
    job.scale = block.shape.attentionScale
    job.soft_cap = shape.attentionSoftCap
    return job
  }

  /// attended[token, head] ← the values that a query found in `count` chunks.
  func combine(
    _ partials: UnsafePointer<Float>, count: Int, _ w: Weights.AttentionWeights, token: Int, head: Int
  ) {
    let out = workspace.attended.row(token) + head * w.shape.valueWidth
    kernels.pointee.combine(
      partials, workspace.partialStride, Int32(count), Int32(w.shape.valueWidth), w.sink(head), out)
  }
}
