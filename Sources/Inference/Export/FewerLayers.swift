import GGUF

/// A file without the layers in which nothing runs: those that stay are numbered anew, and the graph stays
/// the model's, so that every reader of the model can open it.
struct FewerLayers {
  private let model: Model
  /// The layers that stay, in order. One stays in any case.
  private let kept: [Int]

  /// Nil where a layer runs in part, and for graphs in which a layer's place decides what it computes.
  init?(_ model: Model, _ drop: Plan.Drop) {
    self.model = model
    let layers = model.layers.enumerated().map { layer, tensors in
      let sublayers = [
        tensors.attention.map { _ in !drop.attention.contains(layer) },
        tensors.mlp.map { _ in !drop.mlp.contains(layer) },
      ].compactMap { $0 }
      return (runs: sublayers.contains(true), isCut: sublayers.contains(false))
    }
    guard !layers.contains(where: { $0.runs && $0.isCut }), layers.contains(where: \.isCut) else {
      return nil
    }
    let running = layers.indices.filter { !layers[$0].isCut }
    kept = running.isEmpty ? [0] : running

    var expected = model.shape
    expected.layerShapes = kept.map { model.shape.layerShapes[$0] }
    expected.tailLayers = 0
    let shape = try? Hyperparameters(
      metadata(model.metadataWithoutTail), architecture: model.architecture,
      vocabulary: model.shape.vocabulary)
    guard shape == expected else { return nil }
  }

  func metadata(_ metadata: Metadata) -> Metadata {
    var result = metadata
    let prefix = model.architecture.name + "."
    result[prefix + "block_count"] = .uint32(UInt32(kept.count))
    for key in Model.layerKeys {
      if case .array(let values)? = metadata[prefix + key], values.count == model.shape.layers {
        result[prefix + key] = .array(values.selecting(kept))
      }
    }
    return result
  }

  /// The name of a tensor in the file; nil for one that is left out.
  func name(of name: TensorName) -> String? {
    guard let layer = name.layer else { return String(name.part) }
    return kept.firstIndex(of: layer).map { "blk.\($0).\(name.part)" }
  }
}
