import CKernels
import Quantization

/// One worker's part of the forward pass over a batch, in the order of the paper: embedding, then attention
/// and MLP of every layer, then the output head ("Attention Is All You Need", arXiv 1706.03762; with norms
/// before the sublayers, rotary positions and a gated MLP as in Llama, arXiv 2302.13971).
///
/// All workers of the pool run this code side by side, each on its share of every stage, and meet at
/// barriers. A share never changes a value, so results depend neither on the number of workers nor on how a
/// text is cut into batches.
///
/// Shapes: `t` tokens of the batch, `d` elements of the residual stream x, `h` query heads and `g` KV heads
/// with keys of `k` and values of `v` elements, `f` elements of the MLP's hidden row, `V` tokens of the
/// vocabulary. Where an architecture lacks a norm, a bias, a rotation or a cap, its weights or
/// hyperparameters say so.
struct ForwardPass {
  let transformer: Transformer
  let batch: Batch
  /// The rows of the stages that go token by token.
  let rows: WorkerRows
  let worker: Int

  // MARK: Embedding

  /// x[t, d] ← E[token] · scale
  func embed() {
    guard case .tokens(let tokens) = batch.start else { return }
    for t in rows.tokens {
      let x = rows.stream.row(t)
      model.embedding.dequantize(row: Int(tokens[t]), into: .init(start: x, count: shape.width))
      weights.rotations?.stream.apply(to: x, count: shape.width)
      if shape.embeddingScale != 1 {
        kernels.pointee.scale_cap(x, Int32(shape.width), shape.embeddingScale, 0)
      }
    }
  }

  // MARK: Layers

  /// x ← x + attention(x), then x ← x + MLP(x)
  func run(layer: Int) {
    recordStream(before: layer)
    let weights = weights.layers[layer]
    run(.attention, of: weights, layer)
    run(.mlp, of: weights, layer)
  }

  /// x ← x + the sublayer's output, or that of what stands in for it; a dropped one leaves x alone.
  func run(_ sublayer: Plan.Sublayer, of weights: Weights.LayerWeights, _ layer: Int) {
    switch sublayer {
    case .attention:
      switch weights.attention {
      case .attention(let w): attention(w, layer)
      case .map(let w): map(w, .attention, layer)
      case .absent: return
      }
    case .mlp:
      switch weights.mlp {
      case .mlp(let w): mlp(w, layer)
      case .map(let w): map(w, .mlp, layer)
      case .absent: return
      }
    }
  }

  // MARK: Attention

  /// x ← x + W_o · softmax(q kᵀ · scale) v, with q, k, v = W n, q and k rotated by position, n = norm(x)
  private func attention(_ w: Weights.AttentionWeights, _ layer: Int) {
    let n = input(w.input)  // [t, d]
    recordInput(n, .attention, layer: layer)
    project(w, n)  // q[t, h·k], k[t, g·k], v[t, g·v]
    barrier()
    normalizeRows(w)  // q and k, where the model norms all heads as one
    rotateAndStore(w, layer)  // q and k rotated; k and v → cache
    barrier()
    attend(w, layer)  // softmax(q kᵀ · scale) v → attended[t, h·v]
    barrier()
    let a = attended(w)  // [t, h·v]
    recordInput(a, .attended, layer: layer)
    multiply(w.output, a, into: workspace.delta)  // [t, d]
    barrier()
    fetchDelta(adding: w.outputBias)
    addDelta(.attention, layer, w.postNorm)
  }

  /// q, k, v ← W n; the workers share out the rows of all three matrices as one.
  private func project(_ w: Weights.AttentionWeights, _ n: Activations) {
    let q = Int(w.query.rows) / 16, k = Int(w.key.rows) / 16, v = Int(w.value.rows) / 16
    pool.divide(q + k + v, worker, least: leastTiles) { tiles in
      func part(from first: Int, _ count: Int) -> Range<Int> {
        min(max(tiles.lowerBound - first, 0), count)..<min(max(tiles.upperBound - first, 0), count)
      }
      multiply(w.query, n, into: workspace.queries, tiles: part(from: 0, q))
      multiply(w.key, n, into: workspace.keys, tiles: part(from: q, k))
      multiply(w.value, n, into: workspace.values, tiles: part(from: q + k, v))
    }
  }

  /// q[t], k[t] ← norm of the whole row, for models that norm all heads as one.
  func normalizeRows(_ w: Weights.AttentionWeights) {
    guard let queryNorm = w.queryNorm, queryNorm.coversAllHeads, let keyNorm = w.keyNorm else { return }
    for t in rows.tokens(.first) {
      normalizeRow(workspace.queries.row(t), w.shape.queryHeads * w.shape.keyWidth, queryNorm, w.queryBias)
      normalizeRow(workspace.keys.row(t), w.shape.kvHeads * w.shape.keyWidth, keyNorm, w.keyBias)
    }
    barrier()
  }

  /// The other biases, norms and rotations of q and k, head by head; k and v of each token go to the cache.
  private func rotateAndStore(_ w: Weights.AttentionWeights, _ layer: Int) {
    let shape = w.shape, heads = shape.queryHeads + shape.kvHeads
    for unit in pool.share(batch.count * heads, worker) {
      let t = unit / heads, index = unit % heads
      guard index >= shape.queryHeads else {
        let group = shape.queryHeads / shape.kvHeads
        if let head = w.head(index % group, ofKVHead: index / group) {
          prepareQuery(w, layer, head: head, token: t)
        }
        continue
      }
      let head = index - shape.queryHeads
      let k = workspace.keys.row(t) + head * shape.keyWidth
      prepare(k, head, shape, token: t, bias: w.keyBias, norm: w.keyNorm)
      let v = workspace.values.row(t) + head * shape.valueWidth
      if let bias = w.valueBias {
        kernels.pointee.add(v, bias + head * shape.valueWidth, Int32(shape.valueWidth))
      }
      cache.store(key: k, value: v, layer: layer, head: head, position: batch.position + t, kernels)
    }
  }

  /// Makes a head of q ready for scores.
  func prepareQuery(_ w: Weights.AttentionWeights, _ layer: Int, head: Int, token t: Int) {
    let q = workspace.queries.row(t) + head * w.shape.keyWidth
    prepare(q, head, w.shape, token: t, bias: w.queryBias, norm: w.queryNorm)
    if shape.attentionTemperature != 0 {
      kernels.pointee.scale_cap(q, Int32(w.shape.keyWidth), workspace.rope.queryFactors[t], 0)
    }
    cache.rotate(query: q, layer: layer)
  }

  /// A head of q or k: bias, norm, and the rotation of its position (RoPE, arXiv 2104.09864).
  private func prepare(
    _ x: UnsafeMutablePointer<Float>, _ head: Int, _ shape: LayerShape, token t: Int,
    bias: UnsafePointer<Float>?, norm: Weights.HeadNormWeights?
  ) {
    let width = shape.keyWidth
    if let bias, norm?.coversAllHeads != true {
      kernels.pointee.add(x, bias + head * width, Int32(width))
    }
    if !transformer.normsHeadsAfterRope { normalize(x, head, width, norm) }
    if let table = workspace.rope.table(shape.rope) {
      let pairs = table.pairs
      kernels.pointee.rope(
        x, table.cosines + t * pairs, table.sines + t * pairs, Int32(pairs), transformer.ropeKind)
    }
    if transformer.normsHeadsAfterRope { normalize(x, head, width, norm) }
  }

  /// x ← norm of one head, for models that norm heads one by one.
  private func normalize(
    _ x: UnsafeMutablePointer<Float>, _ head: Int, _ width: Int, _ norm: Weights.HeadNormWeights?
  ) {
    guard let norm, !norm.coversAllHeads else { return }
    normalize(x, .init(weight: norm.weight.map { $0 + head * norm.stride }), width, into: x)
  }

  /// The mixed values a[t, h·v], normed where the model does, 0 for heads that are dropped, with their codes.
  private func attended(_ w: Weights.AttentionWeights) -> Activations {
    let width = w.shape.queryHeads * w.shape.valueWidth, padded = width.roundedUp(to: Activations.group)
    for t in rows.tokens {
      let mixed = workspace.attended.row(t), a = rows.attended.row(t)
      if let subNorm = w.subNorm {
        normalize(mixed, subNorm, width, into: a)
      } else if rows.areOwn {
        a.update(from: mixed, count: width)
      }
      for head in w.dropped {
        (a + Int(head) * w.shape.valueWidth).update(repeating: 0, count: w.shape.valueWidth)
      }
      // A wider layer may have left something there.
      (a + width).update(repeating: 0, count: padded - width)
      rows.attended.quantize(token: t, of: batch.count, columns: 0..<padded, coding, kernels)
    }
    meet()
    return rows.attended
  }

  // MARK: MLP

  /// x ← x + W_down · (act(W_gate n) ⊙ W_up n), or x + W_down · act(W_up n) without a gate; n = norm(x)
  private func mlp(_ w: Weights.MLPWeights, _ layer: Int) {
    let n = input(w.input)  // [t, d]
    recordInput(n, .mlp, layer: layer)
    activate(w, n)  // act(W_gate n) ⊙ W_up n → hidden[t, f]
    barrier()
    let hidden = hidden(w)  // [t, f]
    recordInput(hidden, .hidden, layer: layer)
    multiply(w.down, hidden, into: workspace.delta)  // [t, d]
    barrier()
    fetchDelta(adding: w.downBias)
    addDelta(.mlp, layer, w.postNorm)
  }

  /// hidden[t, f] ← act(W_gate n) ⊙ W_up n, or act(W_up n) without a gate, and its codes where no norm
  /// follows.
  ///
  /// Workers share out whole groups of columns, so that the worker that computes a group can encode it too.
  private func activate(_ w: Weights.MLPWeights, _ n: Activations) {
    let hidden = workspace.hidden, group = Activations.group
    let width = w.width.roundedUp(to: group), tiled = Int(w.up.rows)
    let isGated = w.gate != nil, activated = w.gate ?? w.up
    pool.divide(width / group, worker, least: max(1, leastTiles * 16 / group)) { groups in
      let columns = groups.lowerBound * group..<groups.upperBound * group
      let computed = columns.clamped(to: 0..<tiled)
      let tiles = computed.lowerBound / 16..<computed.upperBound / 16
      multiply(activated, n, into: hidden.rows, tiles: tiles)
      if isGated { multiply(w.up, n, into: workspace.up, tiles: tiles) }
      for t in 0..<batch.count {
        let x = hidden.row(t), up = isGated ? workspace.up.row(t) : nil
        add(isGated ? w.gateBias : w.upBias, to: x, computed, of: w.width)
        if let up { add(w.upBias, to: up, computed, of: w.width) }
        kernels.pointee.gate(
          x + computed.lowerBound, up.map { $0 + computed.lowerBound }, Int32(computed.count),
          transformer.activation)
        // A wider layer may have left something behind the last tile.
        if computed.upperBound == tiled { (x + tiled).update(repeating: 0, count: width - tiled) }
        if w.subNorm == nil { hidden.quantize(token: t, of: batch.count, columns: columns, coding, kernels) }
      }
    }
  }

  /// The hidden row [t, f], normed where the model does, with its codes.
  private func hidden(_ w: Weights.MLPWeights) -> Activations {
    guard let subNorm = w.subNorm else { return workspace.hidden }
    let padded = w.width.roundedUp(to: Activations.group)
    for t in rows.tokens {
      let row = rows.hidden.row(t)
      normalize(workspace.hidden.row(t), subNorm, w.width, into: row)
      (row + w.width).update(repeating: 0, count: padded - w.width)
      rows.hidden.quantize(token: t, of: batch.count, columns: 0..<padded, coding, kernels)
    }
    meet()
    return rows.hidden
  }

  // MARK: Maps in the place of sublayers

  /// x ← x + W n + bias, with n the input of the sublayer in whose place the map stands
  private func map(_ w: Weights.MapWeights, _ part: Part, _ layer: Int) {
    let n = w.input.map { input($0) }  // [t, d]
    if let matrix = w.matrix, let n {
      barrier()  // other workers may still read the last delta
      multiply(matrix, n, into: workspace.delta)  // [t, d]
      barrier()
      fetchDelta(adding: nil)
    }
    for t in rows.tokens {
      let delta = rows.delta.row(t), isSkipped = w.skipsFirst && batch.position + t == 0
      if w.matrix == nil || isSkipped { delta.update(repeating: 0, count: shape.width) }
      if !isSkipped, let bias = w.bias { kernels.pointee.add(delta, bias, Int32(shape.width)) }
    }
    addDelta(part, layer, w.postNorm)
  }

  // MARK: Output head

  /// logits[row, V] ← cap(W_head · norm(x[row, d]) · scale) of some rows of the stream, which are the batch.
  func head(_ chosen: Range<Int>, into logits: RowBuffer) {
    let n = headInput(chosen)  // [row, d]
    multiply(weights.head, n, .wide, into: logits)  // [row, V]
    guard shape.logitSoftCap > 0 || shape.logitScale != 1 else { return }
    barrier()
    let columns = pool.share(shape.vocabulary, worker)
    for row in 0..<batch.count {
      kernels.pointee.scale_cap(
        logits.row(row) + columns.lowerBound, Int32(columns.count), shape.logitScale,
        shape.logitSoftCap)
    }
  }

  /// norm(x[row, d]), with its codes.
  func headInput(_ chosen: Range<Int>) -> Activations {
    for row in rows.tokens {
      let x = rows.stream.row(chosen.lowerBound + row)
      normalize(x, weights.finalNorm, shape.width, into: rows.normed.row(row))
      rows.normed.quantize(token: row, of: batch.count, columns: 0..<rows.normed.stride, .wide, kernels)
    }
    meet()
    return rows.normed
  }
}
