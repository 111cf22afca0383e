import GGUF

/// The part of a file behind the layers that run; see ``Hyperparameters/tailLayers``.
extension Model {
  /// The tensors of the tail for multi-token prediction, which are not used; empty where the file has none.
  public var tailTensors: [Tensor] { file.tensors.filter { shape.isTail($0.name) } }

  /// All tensors but those of the tail.
  var tensors: [Tensor] { file.tensors.filter { !shape.isTail($0.name) } }

  /// The keys of `ARCH.*` that may hold a value for each layer.
  static let layerKeys = [
    "attention.head_count", "attention.head_count_kv", "feed_forward_length",
    "attention.sliding_window_pattern",
  ]

  /// The file's metadata as if the tail were not there.
  var metadataWithoutTail: Metadata {
    var result = file.metadata
    guard shape.tailLayers > 0 else { return result }
    let prefix = architecture.name + "."
    result[prefix + "nextn_predict_layers"] = nil
    result[prefix + "block_count"] = .uint32(UInt32(shape.layers))
    for key in Self.layerKeys {
      if case .array(let values)? = result[prefix + key], values.count > shape.layers {
        result[prefix + key] = .array(values.selecting(Array(0..<shape.layers)))
      }
    }
    return result
  }
}

extension Hyperparameters {
  /// Whether a tensor is one of the tail's, by its name.
  func isTail(_ name: String) -> Bool {
    TensorName(name).layer.map { (layers..<layers + tailLayers).contains($0) } ?? false
  }
}
