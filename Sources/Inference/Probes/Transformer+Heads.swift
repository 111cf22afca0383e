import CKernels
import Foundation
import Quantization

/// Attention of tokens that were read before, from the kept stream and the cached keys: to look at, not to
/// add to the stream.
extension Transformer {
  /// q[t, h·k] ← W_q n, rotated, at each of `positions`, at most a batch.
  func recomputeQueries(_ w: Weights.AttentionWeights, _ layer: Int, at positions: [Int]) {
    guard let checkpoints = recorder.checkpoints else { return }
    let boxed = UncheckedBox(w)
    perform(scattered(positions)) { pass in
      let w = boxed.value
      for t in pass.rows.tokens {
        pass.workspace.rope.fill(row: t, position: positions[t])
        pass.rows.stream.row(t)
          .update(from: checkpoints.row(layer: layer, position: positions[t]), count: pass.shape.width)
      }
      pass.multiply(w.query, pass.input(w.input), into: pass.workspace.queries)
      pass.barrier()
      pass.normalizeRows(w)
      let heads = w.shape.queryHeads
      for unit in pass.pool.share(positions.count * heads, pass.worker) {
        pass.prepareQuery(w, layer, head: unit % heads, token: unit / heads)
      }
    }
  }

  /// The stream after a layer's attention, at a position that was read: the first row of the workspace's
  /// stream. Keys and values that are written are those that are there.
  func recomputeAttention(_ layer: Int, at position: Int) {
    guard let checkpoints = recorder.checkpoints else { return }
    checkpoints.restore(layer: layer, positions: position..<position + 1, into: workspace.stream.start)
    perform(Batch(start: .stream(before: layer), count: 1, position: position)) { pass in
      pass.fillRope()
      pass.run(.attention, of: pass.weights.layers[layer], layer)
    }
  }

  /// Positions that need not follow each other, as a batch whose stream is in the workspace.
  func scattered(_ positions: [Int]) -> Batch {
    Batch(start: .stream(before: 0), count: positions.count, position: 0)
  }

  /// The norms of the rows that single heads would add to the stream, from the mixtures that are in
  /// `attended`, which are lost: [t][head].
  func outputNorms(_ w: Weights.AttentionWeights, at positions: [Int]) -> [[Float]] {
    let attended = workspace.attended, heads = w.shape.queryHeads, count = positions.count
    let width = heads * w.shape.valueWidth, stride = attended.stride
    if let subNorm = w.subNorm {
      let boxed = UncheckedBox(subNorm)
      perform(scattered(positions)) { pass in
        for t in pass.rows.tokens {
          let mixture = pass.workspace.attended.row(t)
          pass.normalize(mixture, boxed.value, width, into: mixture)
        }
      }
    }
    let mixtures = (0..<count).map { Array(UnsafeBufferPointer(start: attended.row($0), count: width)) }
    var norms = Array(repeating: Array(repeating: Float(0), count: heads), count: count)
    let boxed = UncheckedBox(w)
    for head in 0..<heads {
      let own = head * w.shape.valueWidth..<(head + 1) * w.shape.valueWidth
      for t in 0..<count {
        attended.row(t).update(repeating: 0, count: stride)
        for column in own { attended.row(t)[column] = mixtures[t][column] }
        attended.quantize(token: t, of: count, columns: 0..<stride, coding, kernels)
      }
      perform(scattered(positions)) { pass in
        pass.multiply(boxed.value.output, pass.workspace.attended, into: pass.workspace.delta)
      }
      for t in 0..<count {
        let delta = UnsafeBufferPointer(start: workspace.delta.row(t), count: shape.width)
        norms[t][head] = delta.reduce(0) { $0 + $1 * $1 }.squareRoot() * abs(shape.residualScale)
      }
    }
    return norms
  }
}

extension ForwardPass {
  /// The attention weights of the `t`-th recomputed query, at `position`, for the positions it sees, from
  /// `first` on; the mixed values go to `attended[t]`.
  func weights(
    of head: Int, token t: Int, at position: Int, _ w: Weights.AttentionWeights, _ layer: Int
  ) -> (first: Int, weights: [Float]) {
    let shape = w.shape, sink = w.sink(head)
    let first = shape.firstSeen(from: position), size = Int(PARE_CHUNK)
    let chunks = chunks(shape, first: position, last: position)
    let partials = workspace.partials(row: worker * Int(PARE_QUERY_BLOCK)), stride = workspace.partialStride
    let block = QueryBlock(
      w, layer, kvHead: head / (shape.queryHeads / shape.kvHeads), queries: 0..<1)
    var job = attentionJob(block)
    let weights = [Float](unsafeUninitializedCapacity: chunks.count * size) { buffer, count in
      for (index, chunk) in chunks.enumerated() {
        job.set(
          0, query: workspace.queries.row(t) + head * shape.keyWidth, partial: partials + index * stride,
          first: first, last: position)
        job.chunk = Int32(chunk)
        job.weights = buffer.baseAddress! + index * size
        kernels.pointee.attend(&job)
      }
      let peak = (0..<chunks.count).map { partials[$0 * stride] }.reduce(sink, max)
      let shares = (0..<chunks.count).map { exp(partials[$0 * stride] - peak) }
      let total = shares.indices.reduce(exp(sink - peak)) { $0 + shares[$1] * partials[$1 * stride + 1] }
      // The positions that are seen begin somewhere in the first chunk.
      let start = first - chunks.lowerBound * size
      count = position - first + 1
      for index in 0..<count {
        buffer[index] = buffer[start + index] * shares[(start + index) / size] / total
      }
    }
    combine(partials, count: chunks.count, w, token: t, head: head)
    return (first, weights)
  }
}
