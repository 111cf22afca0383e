/// Norm weights and biases as f32, at addresses that do not move.
final class VectorStore {
  private var buffers: [UnsafeMutableBufferPointer<Float>] = []

  private var lists: [UnsafeMutableBufferPointer<Int32>] = []

  deinit {
    for buffer in buffers { buffer.deallocate() }
    for list in lists { list.deallocate() }
  }

  subscript(numbers: [Int]) -> UnsafeBufferPointer<Int32> {
    let list = UnsafeMutableBufferPointer<Int32>.allocate(capacity: numbers.count)
    _ = list.initialize(from: numbers.map { Int32($0) })
    lists.append(list)
    return UnsafeBufferPointer(list)
  }

  /// The heads of a layer that run, without those in `dropped`.
  func running(_ shape: LayerShape, without dropped: Set<Int>) -> Weights.RunningHeads? {
    guard !dropped.isEmpty else { return nil }
    let group = shape.queryHeads / shape.kvHeads
    let groups = (0..<shape.kvHeads).map { Array($0 * group..<($0 + 1) * group) }
    let order = groups.flatMap { $0.filter { !dropped.contains($0) } + $0.filter(dropped.contains) }
    let counts = groups.map { $0.count { !dropped.contains($0) } }
    return Weights.RunningHeads(order: self[order].baseAddress!, counts: self[counts].baseAddress!)
  }

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
