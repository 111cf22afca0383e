/// The number of layers in a file. Some files have a tail for multi-token prediction behind those that run:
/// layers which guess tokens that the model then checks. `block_count` and lists with a value for each layer
/// count it.
struct LayerCount {
  /// Layers that the model runs.
  let running: Int
  let tail: Int

  /// Layers that the file counts.
  var inFile: Int { running + tail }

  init(_ keys: KeyReader) throws {
    let all = try keys.integer("block_count", in: 1...1024)
    tail = try keys.integer("nextn_predict_layers", in: 0...1024, default: 0)
    running = all - tail
    guard running > 0 else {
      throw keys.error(
        "nextn_predict_layers",
        "is \(tail) of \(all) layers: the file is no model but the drafting tail of one, open the model")
    }
  }
}
