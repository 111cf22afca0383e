import CKernels
import Quantization

extension ForwardPass {
  /// W_o · softmax(q kᵀ · scale) v over the positions a token sees, with q, k, v = W n, rotated  →  delta[t, d]
  func attention(
    _ w: Weights.AttentionWeights, _ layer: Int, _ batch: Batch, _ mine: Range<Int>, _ worker: Int
  ) {
    normalise(w.norm, mine)
    pool.barrier()
    project(w, batch, worker)
    pool.barrier()
    rotateAndStore(w, layer, batch, worker)
    pool.barrier()
    attend(layer, batch, worker)
    pool.barrier()
    let attended = workspace.attended
    let groups = attended.stride / 32
    for index in pool.share(batch.count * groups, worker) {
      let group = index % groups
      attended.quantize(token: index / groups, columns: group * 32..<group * 32 + 32, kernels)
    }
    pool.barrier()
    multiply(w.output, attended, batch.count, workspace.delta, workspace.deltaStride, worker)
    pool.barrier()
    guard let bias = w.outputBias else { return }
    for t in mine {
      kernels.pointee.add(workspace.delta + t * workspace.deltaStride, bias, Int32(shape.width))
    }
  }

  /// q, k, v ← W n: the rows of all three are shared out as one.
  private func project(_ w: Weights.AttentionWeights, _ batch: Batch, _ worker: Int) {
    let query = Int(w.query.rows) / 16, key = Int(w.key.rows) / 16, value = Int(w.value.rows) / 16
    let mine = pool.share(query + key + value, worker)
    func part(_ start: Int, _ count: Int) -> Range<Int> {
      let low = min(max(mine.lowerBound - start, 0), count),
        high = min(max(mine.upperBound - start, 0), count)
      return low..<high
    }
    let n = workspace.normed, t = batch.count
    multiply(w.query, n, t, workspace.queries, workspace.queryStride, part(0, query), worker)
    multiply(w.key, n, t, workspace.keys, workspace.keyStride, part(query, key), worker)
    multiply(w.value, n, t, workspace.values, workspace.valueStride, part(query + key, value), worker)
  }

  /// Adds biases, norms and rotates each head of q and k, and appends k and v to the cache.
  private func rotateAndStore(_ w: Weights.AttentionWeights, _ layer: Int, _ batch: Batch, _ worker: Int) {
    let units = shape.heads + shape.kvHeads
    for unit in pool.share(batch.count * units, worker) {
      let t = unit / units, index = unit % units
      if index < shape.heads {
        let head = workspace.queries + t * workspace.queryStride + index * shape.keyWidth
        prepare(head, bias: w.queryBias.map { $0 + index * shape.keyWidth }, norm: w.queryNorm, layer, t)
      } else {
        let index = index - shape.heads
        let key = workspace.keys + t * workspace.keyStride + index * shape.keyWidth
        prepare(key, bias: w.keyBias.map { $0 + index * shape.keyWidth }, norm: w.keyNorm, layer, t)
        let value = workspace.values + t * workspace.valueStride + index * shape.valueWidth
        if let bias = w.valueBias {
          kernels.pointee.add(value, bias + index * shape.valueWidth, Int32(shape.valueWidth))
        }
        store(key, value, layer: layer, head: index, position: batch.position + t)
      }
    }
  }

  private func prepare(
    _ head: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?, norm: UnsafePointer<Float>?,
    _ layer: Int, _ t: Int
  ) {
    let width = Int32(shape.keyWidth), rope = workspace.rope
    if let bias { kernels.pointee.add(head, bias, width) }
    if let norm { kernels.pointee.rms_norm(head, norm, width, shape.normEpsilon, head) }
    let table = model.architecture.isLocal(layer: layer) ? rope.local : rope.global
    kernels.pointee.rope(
      head, table.cosines + t * rope.pairs, table.sines + t * rope.pairs, Int32(rope.pairs),
      model.architecture.rope.kernelValue)
  }

  private func store(
    _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>, layer: Int, head: Int, position: Int
  ) {
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: shape.keyWidth) { half in
      kernels.pointee.to_half(key, Int32(shape.keyWidth), half.baseAddress)
      let tile = cache.keys(layer: layer, head: head) + position / 16 * 16 * shape.keyWidth + position % 16
      for i in 0..<shape.keyWidth { tile[i * 16] = half[i] }
    }
    kernels.pointee.to_half(
      value, Int32(shape.valueWidth), cache.values(layer: layer, head: head) + position * shape.valueWidth)
  }

  /// Scores, softmax and weighted values. Query heads that share a KV head, of neighbouring tokens, are
  /// computed together, so that keys and values are read once for all of them.
  private func attend(_ layer: Int, _ batch: Batch, _ worker: Int) {
    let group = shape.groupSize
    let queries = batch.count * group  // of one KV head
    let block = min(Int(PARE_QUERY_BLOCK), max(1, queries * shape.kvHeads / (4 * pool.count)))
    let blocks = (queries + block - 1) / block
    let window = model.architecture.isLocal(layer: layer) ? shape.window : 0
    var job = pare_attention()
    job.key_width = Int32(shape.keyWidth)
    job.value_width = Int32(shape.valueWidth)
    job.scale = shape.attentionScale
    job.soft_cap = shape.attentionSoftCap
    job.scores = workspace.scores[worker]
    job.score_stride = Int32(workspace.scoreStride)
    // Later tokens see more positions: taking turns keeps the workers even.
    for unit in stride(from: worker, to: blocks * shape.kvHeads, by: pool.count) {
      let kvHead = unit % shape.kvHeads, first = unit / shape.kvHeads * block
      job.keys = UnsafePointer(cache.keys(layer: layer, head: kvHead))
      job.values = UnsafePointer(cache.values(layer: layer, head: kvHead))
      job.count = Int32(min(block, queries - first))
      for q in 0..<Int(job.count) {
        let t = (first + q) / group, head = kvHead * group + (first + q) % group
        let position = batch.position + t
        job.set(
          q, query: workspace.queries + t * workspace.queryStride + head * shape.keyWidth,
          output: workspace.attended.row(t) + head * shape.valueWidth,
          first: window > 0 ? max(0, position - window + 1) : 0, last: position)
      }
      kernels.pointee.attend(&job)
    }
  }
}

extension pare_attention {
  /// C arrays come as tuples; their elements are laid out as in C.
  @inline(__always)
  fileprivate mutating func set(
    _ index: Int, query: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, first: Int, last: Int
  ) {
    func put<Tuple, Element>(_ tuple: inout Tuple, _ element: Element) {
      withUnsafeMutableBytes(of: &tuple) {
        $0.storeBytes(of: element, toByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
      }
    }
    put(&queries, Optional(query))
    put(&outputs, Optional(output))
    put(&self.first, Int32(first))
    put(&self.last, Int32(last))
  }
}
