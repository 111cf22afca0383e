import GGUF
import Quantization

/// A linear map that stands in for a dropped sublayer: matrix · input + bias, but nothing at the first
/// position, whose output is far from all others.
final class FittedMap: @unchecked Sendable {  // its memory is written once, before it is shared
  /// [width, width] in f32; nil for a bias alone.
  let matrix: MatrixSource?
  /// [width]
  let bias: [Float]
  private let storage: UnsafeMutableBufferPointer<Float>

  /// - Parameter rows: The matrix, one row of `bias.count` inputs for each output; empty for none.
  init(rows: [Float], bias: [Float]) {
    let width = bias.count
    precondition(rows.isEmpty || rows.count == width * width)
    storage = .allocate(capacity: rows.count)
    _ = storage.initialize(from: rows)
    let tensor = Tensor(
      name: "fitted map", shape: [width, width], type: .f32, data: UnsafeRawBufferPointer(storage))
    matrix = rows.isEmpty ? nil : MatrixSource(tensor)
    self.bias = bias
  }

  deinit { storage.deallocate() }
}

/// A sublayer's place in the model.
struct SublayerPlace: Hashable {
  var layer: Int
  var sublayer: Plan.Sublayer
}

typealias FittedMaps = [SublayerPlace: FittedMap]
