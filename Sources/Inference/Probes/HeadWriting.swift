/// What one head adds to the prediction at a position, in words: its row of the residual stream through the
/// final norm and the output head, with the norm's divisor as it is there (direct logit attribution: Elhage et
/// al., "A Mathematical Framework for Transformer Circuits", 2021).
///
/// It is the direct effect alone: what later layers make of the row is not in it.
public struct HeadWriting: Sendable, Hashable {
  public var position: Int
  /// The tokens whose logits it raises most, the highest first.
  public var promoted: [Word]
  /// The tokens whose logits it lowers most, the lowest first.
  public var suppressed: [Word]

  /// A token and the change of its logit, in nats against the mean of the vocabulary.
  public struct Word: Sendable, Hashable {
    public var id: Int
    public var text: String
    public var change: Float

    public init(id: Int, text: String, change: Float) {
      self.id = id
      self.text = text
      self.change = change
    }
  }

  /// Words of each kind.
  public static let wordCount = 5

  public init(position: Int, promoted: [Word], suppressed: [Word]) {
    self.position = position
    self.promoted = promoted
    self.suppressed = suppressed
  }
}

extension InferenceContext {
  /// What a head writes at a position that was read; nil where its stream is not kept, or no such head
  /// attends. Of a head that the plan drops it is what it would write.
  public func writing(ofHead head: Int, layer: Int, at position: Int) -> HeadWriting? {
    guard weights.layers.indices.contains(layer), (0..<observablePositions).contains(position),
      case .attention(let w) = weights.layers[layer].attention, (0..<w.shape.queryHeads).contains(head)
    else { return nil }
    let changes = transformer.logitChanges(ofHead: head, w, layer, at: position)
    let mean = changes.reduce(0.0) { $0 + Double($1) } / Double(changes.count)
    func words(_ ids: [Int]) -> [HeadWriting.Word] {
      ids.map {
        HeadWriting.Word(
          id: $0, text: model.tokenizer.text(of: Int32($0)), change: changes[$0] - Float(mean))
      }
    }
    let negated = changes.map { -$0 }
    return HeadWriting(
      position: position,
      promoted: words(changes.withUnsafeBufferPointer { $0.largest(HeadWriting.wordCount) }),
      suppressed: words(negated.withUnsafeBufferPointer { $0.largest(HeadWriting.wordCount) }))
  }
}

extension Transformer {
  /// The change of every logit [V] by the row that a head adds to the stream at a position.
  fileprivate func logitChanges(
    ofHead head: Int, _ w: Weights.AttentionWeights, _ layer: Int, at position: Int
  ) -> [Float] {
    let row = contribution(ofHead: head, w, layer, at: position)
    guard let checkpoints = recorder.checkpoints else { return [] }
    // The final norm is linear once its divisor is known.
    let last = UnsafeBufferPointer(
      start: checkpoints.row(layer: shape.layers, position: position), count: shape.width)
    let normed = scaled(row, likeNormOf: Array(last), weights.finalNorm)
    workspace.normed.row(0).update(from: normed, count: shape.width)
    workspace.normed.quantize(
      token: 0, of: 1, columns: 0..<workspace.normed.stride, .wide, kernels)
    perform(Batch(start: .stream(before: shape.layers), count: 1, position: 0)) { pass in
      pass.multiply(pass.weights.head, pass.workspace.normed, .wide, into: pass.workspace.logits)
    }
    return logits(row: 0).map { $0 * shape.logitScale }
  }

  /// The row [d] that a head adds to the stream at a position, without the bias of the output projection.
  private func contribution(
    ofHead head: Int, _ w: Weights.AttentionWeights, _ layer: Int, at position: Int
  ) -> [Float] {
    recomputeQueries(w, layer, at: [position])
    let boxed = UncheckedBox(w), batch = scattered([position])
    perform(batch) { pass in
      // All heads: norms after them read all.
      for head in pass.pool.share(boxed.value.shape.queryHeads, pass.worker) {
        _ = pass.weights(of: head, token: 0, at: position, boxed.value, layer)
      }
    }
    let width = w.shape.queryHeads * w.shape.valueWidth, attended = workspace.attended
    if let subNorm = w.subNorm {
      let norm = UncheckedBox(subNorm)
      perform(batch) { pass in
        let mixture = pass.workspace.attended.row(0)
        if pass.worker == 0 { pass.normalize(mixture, norm.value, width, into: mixture) }
      }
    }
    let all = Array(UnsafeBufferPointer(start: attended.row(0), count: width))
    let own = head * w.shape.valueWidth..<(head + 1) * w.shape.valueWidth
    let row = projected(all.enumerated().map { own.contains($0.offset) ? $0.element : 0 }, w)
    guard let postNorm = w.postNorm else { return row.map { $0 * shape.residualScale } }
    let dropped = Set(w.dropped.map { Int($0) })
    var whole = projected(
      all.enumerated().map { dropped.contains($0.offset / w.shape.valueWidth) ? 0 : $0.element }, w)
    if let bias = w.outputBias { for index in whole.indices { whole[index] += bias[index] } }
    return scaled(row, likeNormOf: whole, postNorm).map { $0 * shape.residualScale }
  }

  /// W_o a, for mixed values a[h·v] that are padded with zeros.
  private func projected(_ mixture: [Float], _ w: Weights.AttentionWeights) -> [Float] {
    let attended = workspace.attended, boxed = UncheckedBox(w)
    attended.row(0).update(repeating: 0, count: attended.stride)
    attended.row(0).update(from: mixture, count: mixture.count)
    attended.quantize(token: 0, of: 1, columns: 0..<attended.stride, coding, kernels)
    perform(scattered([0])) { pass in
      pass.multiply(boxed.value.output, pass.workspace.attended, into: pass.workspace.delta)
    }
    return Array(UnsafeBufferPointer(start: workspace.delta.row(0), count: shape.width))
  }

  /// The part of norm(whole) that a summand `row` of `whole` makes: with the divisor, and without the bias.
  private func scaled(_ row: [Float], likeNormOf whole: [Float], _ norm: Weights.NormWeights) -> [Float] {
    let count = Float(whole.count)
    func mean(_ values: [Float]) -> Float { usesLayerNorm ? values.reduce(0, +) / count : 0 }
    let center = mean(whole), own = mean(row)
    let variance = whole.reduce(0) { $0 + ($1 - center) * ($1 - center) } / count
    let factor = 1 / (variance + shape.normEpsilon).squareRoot()
    return row.indices.map { (row[$0] - own) * factor * (norm.weight?[$0] ?? 1) }
  }
}
