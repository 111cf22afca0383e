import CKernels
import Quantization

extension ForwardPass {
  /// W_o · softmax(q kᵀ · scale) v over the positions a token sees, with q, k, v = W n, rotated, n the
  /// sublayer's input  →  delta[t, d]
  func attention(
    _ w: Weights.AttentionWeights, _ layer: Int, _ batch: Batch, _ mine: Rows, _ worker: Int
  ) {
    takeInput(w.input, mine, of: batch.count)
    importance?.add(
      mine.normed, count: batch.count, at: .init(layer: layer, input: .attention), pool, worker)
    let heads = w.heads
    project(heads, batch, mine, worker)
    pool.barrier()
    normaliseRows(heads, mine)
    rotateAndStore(heads, layer, batch, worker)
    pool.barrier()
    attend(heads.shape, layer, batch, worker)
    pool.barrier()
    takeAttended(heads.shape, w.subNorm, batch, mine)
    importance?.add(
      mine.attended, count: batch.count, at: .init(layer: layer, input: .attended), pool, worker)
    multiply(w.output, mine.attended, batch.count, workspace.delta, workspace.deltaStride, worker)
    pool.barrier()
    takeDelta(w.outputBias, mine)
  }

  /// q, k, v ← W n: the rows of all three are shared out as one.
  private func project(_ w: Weights.HeadWeights, _ batch: Batch, _ mine: Rows, _ worker: Int) {
    let query = Int(w.query.rows) / 16, key = Int(w.key.rows) / 16, value = Int(w.value.rows) / 16
    let n = mine.normed, t = batch.count
    pool.divide(query + key + value, worker, least: leastTiles(t)) { tiles in
      func part(_ start: Int, _ count: Int) -> Range<Int> {
        let low = min(max(tiles.lowerBound - start, 0), count),
          high = min(max(tiles.upperBound - start, 0), count)
        return low..<high
      }
      multiply(w.query, n, t, workspace.queries, workspace.queryStride, part(0, query), worker)
      multiply(w.key, n, t, workspace.keys, workspace.keyStride, part(query, key), worker)
      multiply(w.value, n, t, workspace.values, workspace.valueStride, part(query + key, value), worker)
    }
  }

  /// Norms of whole rows of q and k, where the model has them: all heads as one.
  func normaliseRows(_ w: Weights.HeadWeights, _ mine: Rows) {
    guard let queryNorm = w.queryNorm, queryNorm.coversAllHeads, let keyNorm = w.keyNorm else { return }
    func normalise(
      _ row: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?, _ norm: Weights.HeadNormWeights,
      heads: Int
    ) {
      if let bias { kernels.pointee.add(row, bias, Int32(heads * shape.keyWidth)) }
      self.normalise(row, .init(weight: norm.weight), heads * shape.keyWidth, into: row)
    }
    for t in mine.tokens(.first) {
      normalise(
        workspace.queries + t * workspace.queryStride, w.queryBias, queryNorm, heads: w.shape.heads)
      normalise(workspace.keys + t * workspace.keyStride, w.keyBias, keyNorm, heads: w.shape.kvHeads)
    }
    pool.barrier()
  }

  /// Adds biases, norms and rotates each head of q and k, and appends k and v to the cache.
  private func rotateAndStore(_ w: Weights.HeadWeights, _ layer: Int, _ batch: Batch, _ worker: Int) {
    let heads = w.shape.heads, units = heads + w.shape.kvHeads
    for unit in pool.share(batch.count * units, worker) {
      let t = unit / units, index = unit % units
      if index < heads {
        let query = workspace.queries + t * workspace.queryStride + index * shape.keyWidth
        prepare(query, index, t, bias: w.queryBias, norm: w.queryNorm, rope: w.shape.rope)
        cache.keyRotation?.apply(to: query, count: shape.keyWidth)
      } else {
        let index = index - heads
        let key = workspace.keys + t * workspace.keyStride + index * shape.keyWidth
        prepare(key, index, t, bias: w.keyBias, norm: w.keyNorm, rope: w.shape.rope)
        let value = workspace.values + t * workspace.valueStride + index * shape.valueWidth
        if let bias = w.valueBias {
          kernels.pointee.add(value, bias + index * shape.valueWidth, Int32(shape.valueWidth))
        }
        cache.keyRotation?.apply(to: key, count: shape.keyWidth)
        let position = Int32(batch.position + t)
        kernels.pointee.store_key(
          Int32(cache.bits.key), key, Int32(shape.keyWidth), cache.keys(layer: layer, head: index), position)
        kernels.pointee.store_value(
          Int32(cache.bits.value), value, Int32(shape.valueWidth),
          cache.values(layer: layer, head: index, kvHeads: w.shape.kvHeads), position)
      }
    }
  }

  /// Makes the `index`-th head of q or k of token `t` ready for scores.
  func prepare(
    _ head: UnsafeMutablePointer<Float>, _ index: Int, _ t: Int, bias: UnsafePointer<Float>?,
    norm: Weights.HeadNormWeights?, rope style: LayerShape.Rope
  ) {
    let width = shape.keyWidth, rope = workspace.rope
    if norm?.coversAllHeads != true {
      if let bias { kernels.pointee.add(head, bias + index * width, Int32(width)) }
      if let norm {
        normalise(head, .init(weight: norm.weight.map { $0 + index * norm.stride }), width, into: head)
      }
    }
    guard style != .none else { return }
    let table = style == .local ? rope.local : rope.global
    kernels.pointee.rope(
      head, table.cosines + t * rope.pairs, table.sines + t * rope.pairs, Int32(rope.pairs), ropeKind)
  }

  /// Scores, softmax and weighted values. Query heads that share a KV head, of neighbouring tokens, are
  /// computed together, so that keys and values are read once for all of them.
  private func attend(_ heads: LayerShape, _ layer: Int, _ batch: Batch, _ worker: Int) {
    let kvHeads = heads.kvHeads, group = heads.heads / kvHeads
    let chunks = chunks(heads, first: batch.position, last: batch.position + batch.count - 1)
    let queries = batch.count * group  // of one KV head
    // A long context of one token is shared out by chunks too.
    let spans = batch.count == 1 ? chunks.count : 1
    let block = min(Int(PARE_QUERY_BLOCK), max(1, queries * kvHeads * spans / (4 * pool.count)))
    let blocks = (queries + block - 1) / block
    if spans > 1 {
      pool.divide(kvHeads * blocks * spans, worker, least: 1) { units in
        for unit in units {  // chunks of a head lie one after the other
          let span = unit % spans, first = unit / spans % blocks * block, kvHead = unit / (spans * blocks)
          attend(
            heads, layer, batch, kvHead, first..<min(first + block, queries),
            chunks.lowerBound + span..<chunks.lowerBound + span + 1,
            partials: workspace.partials(row: kvHead * group + first) + span * workspace.partialStride)
        }
      }
      pool.barrier()
      for head in pool.share(heads.heads, worker) {
        combine(workspace.partials(row: head), count: spans, token: 0, head: head)
      }
      return
    }
    // Later tokens see more positions: taking turns keeps the workers even.
    for unit in stride(from: worker, to: blocks * kvHeads, by: pool.count) {
      let kvHead = unit % kvHeads, first = unit / kvHeads * block
      let rows = first..<min(first + block, queries)
      let partials = workspace.partials(row: worker * Int(PARE_QUERY_BLOCK))
      let seen = self.chunks(
        heads, first: batch.position + rows.lowerBound / group,
        last: batch.position + (rows.upperBound - 1) / group)
      attend(heads, layer, batch, kvHead, rows, seen, partials: partials)
      for (index, row) in rows.enumerated() {
        combine(
          partials + index * workspace.chunks * workspace.partialStride, count: seen.count,
          token: row / group, head: kvHead * group + row % group)
      }
    }
  }

  /// The chunks that tokens at positions `first`…`last` see.
  func chunks(_ heads: LayerShape, first: Int, last: Int) -> Range<Int> {
    let lowest = heads.window > 0 ? max(0, first - heads.window + 1) : 0
    return lowest / Int(PARE_CHUNK)..<last / Int(PARE_CHUNK) + 1
  }

  /// What the queries `rows` of a KV head find in `chunks`, into `partials` [row, chunk].
  private func attend(
    _ heads: LayerShape, _ layer: Int, _ batch: Batch, _ kvHead: Int, _ rows: Range<Int>,
    _ chunks: Range<Int>, partials: UnsafeMutablePointer<Float>
  ) {
    let group = heads.heads / heads.kvHeads
    var job = attentionJob(heads, layer, kvHead: kvHead)
    job.count = Int32(rows.count)
    for (index, chunk) in chunks.enumerated() {
      for (q, row) in rows.enumerated() {
        let t = row / group, head = kvHead * group + row % group
        let position = batch.position + t
        job.set(
          q, query: workspace.queries + t * workspace.queryStride + head * shape.keyWidth,
          partial: partials + (q * workspace.chunks + index) * workspace.partialStride,
          first: heads.window > 0 ? max(0, position - heads.window + 1) : 0, last: position)
      }
      job.chunk = Int32(chunk)
      kernels.pointee.attend(&job)
    }
  }

  /// What queries of one KV head have in common.
  func attentionJob(_ heads: LayerShape, _ layer: Int, kvHead: Int) -> pare_attention {
    var job = pare_attention()
    job.keys = UnsafePointer(cache.keys(layer: layer, head: kvHead))
    job.values = UnsafePointer(cache.values(layer: layer, head: kvHead, kvHeads: heads.kvHeads))
    job.key_bits = Int32(cache.bits.key)
    job.value_bits = Int32(cache.bits.value)
    job.key_width = Int32(shape.keyWidth)
    job.value_width = Int32(shape.valueWidth)
    job.scale = shape.attentionScale
    job.soft_cap = shape.attentionSoftCap
    return job
  }

  /// Puts together what a query found in `count` chunks.
  func combine(_ partials: UnsafePointer<Float>, count: Int, token: Int, head: Int) {
    let out = workspace.attended.row(token) + head * shape.valueWidth
    kernels.pointee.combine(
      partials, workspace.partialStride, Int32(count), Int32(shape.valueWidth), out)
  }

  /// Norms the mixed values, where the model does, and makes their codes.
  private func takeAttended(
    _ heads: LayerShape, _ subNorm: Weights.NormWeights?, _ batch: Batch, _ mine: Rows
  ) {
    let width = heads.heads * shape.valueWidth, padded = width.roundedUp(to: Activations.group)
    for t in mine.tokens {
      let mixed = workspace.attended.row(t), row = mine.attended.row(t)
      if let subNorm {
        normalise(mixed, subNorm, width, into: row)
      } else if mine.areOwn {
        row.update(from: mixed, count: width)
      }
      // A wider layer may have left something there.
      (row + width).update(repeating: 0, count: padded - width)
      mine.attended.quantize(token: t, of: batch.count, columns: 0..<padded, kernels)
    }
    meet(mine)
  }
}
