/// Norm weights and biases as f32, at addresses that do not move.
final class VectorStore {
  private var buffers: [UnsafeMutableBufferPointer<Float>] = []

  deinit { for buffer in buffers { buffer.deallocate() } }

  subscript(source: VectorSource?) -> UnsafePointer<Float>? {
    guard let source else { return nil }
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: source.count)
    source.copy(into: buffer)
    buffers.append(buffer)
    return UnsafePointer(buffer.baseAddress)
  }

  subscript(values: [Float]?) -> UnsafePointer<Float>? {
    guard let values else { return nil }
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
    _ = buffer.initialize(from: values)
    buffers.append(buffer)
    return UnsafePointer(buffer.baseAddress)
  }

  subscript(norm: Norm) -> Weights.NormWeights {
    Weights.NormWeights(weight: self[norm.weight], bias: self[norm.bias])
  }

  subscript(norm: Norm?) -> Weights.NormWeights? { norm.map { self[$0] } }

  subscript(input: LayerTensors.Input) -> Weights.InputWeights {
    switch input {
    case .norm(let norm): .norm(self[norm])
    case .stream: .stream
    case .attentionInput: .attentionInput
    }
  }

  subscript(norm: LayerTensors.HeadNorm?, shape: LayerShape) -> Weights.HeadNormWeights? {
    norm.map {
      Weights.HeadNormWeights(
        weight: self[$0.weight], stride: $0.weight.count == shape.keyWidth ? 0 : shape.keyWidth,
        coversAllHeads: $0.coversAllHeads)
    }
  }
}
