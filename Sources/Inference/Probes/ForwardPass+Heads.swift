import CKernels
import Foundation
import Quantization

/// Attention of tokens that were read before, recomputed from the kept stream and the cached keys, for
/// display; the stream does not change.
extension ForwardPass {
  /// q[t] ← W_q n, rotated, at each of `positions`, at most a batch.
  func recomputeQueries(_ w: Weights.AttentionWeights, _ layer: Int, at positions: [Int]) {
    guard let checkpoints else { return }
    let boxed = UncheckedBox(w), heads = w.heads.shape.heads
    pool.run { worker in
      let w = boxed.value, mine = share(of: positions.count, worker)
      for t in mine.tokens {
        workspace.rope.fill(row: t, position: positions[t])
        (mine.stream + t * shape.width)
          .update(from: checkpoints.row(layer: layer, position: positions[t]), count: shape.width)
      }
      takeInput(w.input, mine, of: positions.count)
      multiply(
        w.heads.query, mine.normed, positions.count, workspace.queries, workspace.queryStride, worker)
      pool.barrier()
      normaliseRows(w.heads, mine)
      for unit in pool.share(positions.count * heads, worker) {
        let t = unit / heads, head = unit % heads
        prepare(
          workspace.queries + t * workspace.queryStride + head * shape.keyWidth, head, t,
          bias: w.heads.queryBias, norm: w.heads.queryNorm, rope: w.heads.shape.rope)
        cache.keyRotation?.apply(
          to: workspace.queries + t * workspace.queryStride + head * shape.keyWidth, count: shape.keyWidth)
      }
    }
  }

  /// The attention weights of the `t`-th recomputed query, at `position`, over the positions from `first` on;
  /// the weighted sum of the values goes to `attended[t]`.
  func weights(
    of head: Int, _ t: Int, at position: Int, _ heads: LayerShape, _ layer: Int, _ worker: Int
  ) -> (first: Int, weights: [Float]) {
    let first = heads.window > 0 ? max(0, position - heads.window + 1) : 0
    let chunks = chunks(heads, first: position, last: position), size = Int(PARE_CHUNK)
    let partials = workspace.partials(row: worker * Int(PARE_QUERY_BLOCK)), stride = workspace.partialStride
    var job = attentionJob(heads, layer, kvHead: head / (heads.heads / heads.kvHeads))
    job.count = 1
    let weights = [Float](unsafeUninitializedCapacity: chunks.count * size) { buffer, count in
      for (index, chunk) in chunks.enumerated() {
        job.set(
          0, query: workspace.queries + t * workspace.queryStride + head * shape.keyWidth,
          partial: partials + index * stride, first: first, last: position)
        job.chunk = Int32(chunk)
        job.weights = buffer.baseAddress! + index * size
        kernels.pointee.attend(&job)
      }
      let peak = (0..<chunks.count).map { partials[$0 * stride] }.max() ?? 0
      let shares = (0..<chunks.count).map { exp(partials[$0 * stride] - peak) }
      let total = shares.indices.reduce(0) { $0 + shares[$1] * partials[$1 * stride + 1] }
      // The first position that is seen lies somewhere in the first chunk.
      let start = first - chunks.lowerBound * size
      count = position - first + 1
      for index in 0..<count {
        buffer[index] = buffer[start + index] * shares[(start + index) / size] / total
      }
    }
    combine(partials, count: chunks.count, token: t, head: head)
    return (first, weights)
  }

  /// Norms of the outputs of single heads, from the weighted sums in `attended`, which are overwritten:
  /// [t][head].
  func outputNorms(_ w: Weights.AttentionWeights, count: Int) -> [[Float]] {
    let attended = workspace.attended, heads = w.heads.shape.heads
    let width = heads * shape.valueWidth, stride = attended.stride
    if let subNorm = w.subNorm {
      for t in 0..<count { normalise(attended.row(t), subNorm, width, into: attended.row(t)) }
    }
    let mixtures = (0..<count).map { Array(UnsafeBufferPointer(start: attended.row($0), count: width)) }
    var norms = Array(repeating: Array(repeating: Float(0), count: heads), count: count)
    let boxed = UncheckedBox(w)
    for head in 0..<heads {
      let own = head * shape.valueWidth..<(head + 1) * shape.valueWidth
      for t in 0..<count {
        attended.row(t).update(repeating: 0, count: stride)
        for column in own { attended.row(t)[column] = mixtures[t][column] }
        attended.quantize(token: t, of: count, columns: 0..<stride, kernels)
      }
      pool.run { worker in
        multiply(
          boxed.value.output, workspace.attended, count, workspace.delta, workspace.deltaStride, worker)
      }
      for t in 0..<count {
        let delta = UnsafeBufferPointer(
          start: workspace.delta + t * workspace.deltaStride, count: shape.width)
        norms[t][head] = delta.reduce(0) { $0 + $1 * $1 }.squareRoot() * abs(shape.residualScale)
      }
    }
    return norms
  }
}
