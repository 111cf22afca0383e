import GGUF
import Quantization

/// A lookup of tensors by name, which throws for those of another shape and remembers which were asked for.
final class TensorFinder {
  let file: GGUFFile
  private var found: Set<ByteString> = []

  init(_ file: GGUFFile) { self.file = file }

  func has(_ name: String) -> Bool { file[name] != nil }

  private func tensor(_ name: String) -> Tensor? {
    found.insert(ByteString(name))
    return file[name]
  }

  func matrix(_ name: String, columns: Int, rows: Int) throws -> MatrixSource {
    guard let tensor = tensor(name) else { throw missing(name) }
    guard tensor.shape == [columns, rows] else {
      throw GGUFError(
        file: file.path, place: "tensor \(name)",
        "has shape \(tensor.shape); the model's keys ask for \([columns, rows])")
    }
    guard !tensor.type.isInteger else {
      throw GGUFError(
        file: file.path, place: "tensor \(name)", "has type \(tensor.type.name), which is not supported")
    }
    return MatrixSource(tensor, scale: try scale(ofMatrix: name))
  }

  /// The factor of products with a matrix: the scalar tensor `NAME.scale` beside `NAME.weight`, which files
  /// of NVFP4 and ternary weights have; else 1.
  private func scale(ofMatrix name: String) throws -> Float {
    let stem = name.hasSuffix(".weight") ? String(name.dropLast(7)) : name
    // `input_scale` is for engines that hold activations in NVFP4 too.
    _ = try vector(stem + ".input_scale", count: 1)
    guard let scale = try vector(stem + ".scale", count: 1)?.values[0] else { return 1 }
    guard scale.isFinite else {
      throw GGUFError(
        file: file.path, place: "tensor \(stem).scale", "is \(scale): the file is damaged, download it again")
    }
    return scale
  }

  /// Several matrices that the file fuses in one, their rows in order.
  func fused(_ name: String, columns: Int, rows: [Int]) throws -> [MatrixSource] {
    let whole = try matrix(name, columns: columns, rows: rows.reduce(0, +))
    var first = 0
    return rows.map { count in
      defer { first += count }
      return MatrixSource(whole.tensor, firstRow: first, rows: count, scale: whole.scale)
    }
  }

  /// A vector of `count` plain floats; nil when the file has none of that name.
  func vector(_ name: String, count: Int) throws -> VectorSource? {
    guard let tensor = tensor(name) else { return nil }
    guard tensor.elementCount == count, [.f32, .f16, .bf16].contains(tensor.type) else {
      throw GGUFError(
        file: file.path, place: "tensor \(name)",
        "is \(tensor.type.name) of shape \(tensor.shape); \(count) plain floats are needed")
    }
    return VectorSource(tensor: tensor, elements: 0..<count)
  }

  /// The weight of a norm and, where the kind and the file have one, its bias.
  func norm(_ name: String, count: Int, kind: Architecture.NormKind) throws -> Norm {
    guard let weight = try vector(name + ".weight", count: count) else { throw missing(name + ".weight") }
    return Norm(weight: weight, bias: try kind == .layer ? vector(name + ".bias", count: count) : nil)
  }

  /// Throws for tensors that were not asked for and are not in the tail: the graph would not be the one the
  /// model was trained with.
  func refuseSurplus(_ shape: Hyperparameters) throws {
    let surplus = file.tensors.first { !found.contains(ByteString($0.name)) && !shape.isTail($0.name) }
    guard let surplus else { return }
    throw GGUFError(
      file: file.path, place: "tensor \(GGUFError.quote(surplus.name))",
      "has no place in this architecture: the file is of a newer or another kind of model")
  }

  private func missing(_ name: String) -> GGUFError {
    GGUFError(file: file.path, place: "tensor \(name)", "is missing: the file is incomplete")
  }
}

/// Plain floats of a tensor, all or a part.
struct VectorSource: Sendable {
  var tensor: Tensor
  var elements: Range<Int>

  var count: Int { elements.count }

  subscript(part: Range<Int>) -> VectorSource {
    VectorSource(
      tensor: tensor,
      elements: elements.lowerBound + part.lowerBound..<elements.lowerBound + part.upperBound)
  }

  var values: [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      copy(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  func copy(into buffer: UnsafeMutableBufferPointer<Float>) {
    let bytes = tensor.data.count / tensor.elementCount
    tensor.type.dequantize(
      UnsafeRawBufferPointer(
        rebasing: tensor.data[elements.lowerBound * bytes..<elements.upperBound * bytes]),
      into: buffer)
  }
}

/// A norm's weight and bias.
struct Norm: Sendable {
  var weight: VectorSource
  var bias: VectorSource?
}

extension BlockType {
  fileprivate var isInteger: Bool { [.i8, .i16, .i32, .i64].contains(self) }
}
