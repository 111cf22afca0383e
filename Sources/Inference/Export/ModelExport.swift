import Foundation
import GGUF
import Quantization
import Synchronization

/// A planned model as a GGUF file for other programs.
///
/// Weights that the plan leaves as they are keep their blocks; those it encodes are written in the type that comes closest
/// (`PackedMatrix.encodedType`). Dropped sublayers are left out where llama.cpp has a graph for that, or else made zero.
public struct ModelExport {
  private let model: Model
  private let plan: Plan
  private let weights: Weights
  private let pool: ComputePool
  private let kernels: Kernels
  private let layout: DropLayout

  public struct Summary: Sendable, Hashable {
    public var bytes: Int
    public var tensors: Int
  }

  /// - Parameter context: Lends its workers, so that nothing else may run in it while the file is written.
  /// - Throws: ``ExportError`` when no file can hold what the plan does.
  public init(_ context: InferenceContext) throws(ExportError) {
    guard !context.plan.rotate else { throw .rotated }
    guard !context.plan.heals else { throw .healed }
    model = context.model
    plan = context.plan
    weights = context.weights
    pool = context.pool
    kernels = context.kernels
    layout = DropLayout(plan, model.architecture)
  }

  /// Whether other programs compute dropped sublayers all the same, to add nothing.
  public var keepsDropped: Bool { layout == .zeroed }

  /// - Parameter progress: Called before each tensor with the fraction that is done; false stops.
  /// - Throws: ``GGUFError`` when the file cannot be written; `CancellationError`. What was at `path` is then as it was.
  public func write(to path: String, progress: (Double) -> Bool = { _ in true }) throws -> Summary {
    let entries = entries
    try withoutActuallyEscaping(progress) { progress in
      var writer = GGUFWriter(metadata: try metadata())
      for (index, entry) in entries.enumerated() {
        writer.add(entry.name, shape: entry.shape, type: entry.type) { emit in
          guard progress(Double(index) / Double(entries.count)) else { throw CancellationError() }
          try entry.source(emit)
        }
      }
      try writer.write(to: path)
    }
    _ = progress(1)
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    return Summary(bytes: bytes ?? 0, tensors: entries.count)
  }

  private func metadata() throws -> Metadata {
    var metadata = model.file.metadata
    if layout == .deci { metadata = DeciFile(model, plan.drop).metadata(metadata) }
    for key in ["split.no", "split.count", "split.tensors.count"] { metadata[key] = nil }
    // What the file's mix is called no longer holds; readers look at the tensors then.
    if weights.matrices.values.contains(where: { !$0.isAsInFile }) { metadata["general.file_type"] = nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    metadata["pare.plan"] = .string(String(decoding: try encoder.encode(plan), as: UTF8.self))
    return metadata
  }

  // MARK: Tensors

  private struct Entry {
    var name: String
    var shape: [Int]
    var type: BlockType
    var source: GGUFWriter.Source
  }

  private var entries: [Entry] {
    var entries = model.file.tensors.compactMap(entry)
    if let head = weights.matrices[.init(layer: nil, role: .head)], !head.isAsInFile,
      model.file["output.weight"] == nil
    {
      // The embedding stays as it is, though the plan's head was made of it.
      entries.append(encoded("output.weight", [head]))
    }
    if layout == .deci {
      entries += DeciFile(model, plan.drop).zeros.map { name, shape in
        let bytes = [UInt8](repeating: 0, count: 2 * shape.reduce(1, *))
        return Entry(name: name, shape: shape, type: .f16) { emit in try bytes.withUnsafeBytes(emit) }
      }
    }
    return entries
  }

  /// What becomes of a tensor of the model's file; nil for nothing.
  private func entry(_ tensor: Tensor) -> Entry? {
    let name = TensorName(tensor.name), deci = DeciFile(model, plan.drop)
    if layout == .deci, deci.isLeftOut(name) { return nil }
    if layout == .zeroed, let layer = name.layer, let sublayer = name.sublayer, name.isOutput,
      !plan.runs(sublayer, layer: layer)
    {
      return Entry(name: tensor.name, shape: tensor.shape, type: tensor.type) { emit in
        let bytes = [UInt8](repeating: 0, count: tensor.data.count)  // zero in every type
        try bytes.withUnsafeBytes(emit)
      }
    }
    let order = layout == .deci ? deci.row(of: name) : nil
    let matrices = matrices(of: tensor)
    guard matrices.allSatisfy(\.isAsInFile) else { return encoded(tensor.name, matrices, order) }
    if isContainedScale(tensor.name) { return nil }
    return Entry(name: tensor.name, shape: tensor.shape, type: tensor.type) { emit in
      guard let order else { return try emit(tensor.data) }
      let rows = tensor.shape.count > 1 ? tensor.shape[1] : tensor.shape[0]
      let rowBytes = tensor.data.count / rows
      for place in 0..<rows {
        let start = order(place) * rowBytes
        try emit(UnsafeRawBufferPointer(rebasing: tensor.data[start..<start + rowBytes]))
      }
    }
  }

  /// Whether this is the scale of a matrix that is encoded, scale and all.
  private func isContainedScale(_ name: String) -> Bool {
    guard name.hasSuffix(".scale"), let matrix = model.file[name.dropLast(6) + ".weight"] else {
      return false
    }
    return !matrices(of: matrix).allSatisfy(\.isAsInFile)
  }

  /// What the plan makes of a tensor's rows, in their order; the head does not count as the embedding.
  private func matrices(of tensor: Tensor) -> [PackedMatrix] {
    weights.matrices
      .filter {
        $0.value.tensorName == tensor.name && ($0.key.role != .head || tensor.name == "output.weight")
      }
      .values.sorted { $0.firstRow < $1.firstRow }
  }

  private func encoded(
    _ name: String, _ matrices: [PackedMatrix], _ order: (@Sendable (Int) -> Int)? = nil
  ) -> Entry {
    let rows = matrices.reduce(0) { $0 + $1.rows }
    return Entry(name: name, shape: [matrices[0].columns, rows], type: matrices[0].encodedType) {
      [pool, kernels] emit in
      for matrix in matrices {
        for first in stride(from: 0, to: matrix.rows, by: Self.rowsAtOnce) {
          let count = min(Self.rowsAtOnce, matrix.rows - first), parts = Mutex<[Int: [UInt8]]>([:])
          pool.run { worker in
            let mine = pool.share(count, worker)
            var bytes: [UInt8] = []
            for place in first + mine.lowerBound..<first + mine.upperBound {
              matrix.appendRow(order?(place) ?? place, to: &bytes, kernels: kernels)
            }
            parts.withLock { $0[worker] = bytes }
          }
          for part in parts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            try part.value.withUnsafeBytes(emit)
          }
        }
      }
    }
  }

  private static let rowsAtOnce = 512
}

/// What a file for other programs cannot hold.
public enum ExportError: Error, CustomStringConvertible, Hashable {
  case rotated, healed

  public var description: String {
    switch self {
    case .rotated: "rotate: a rotated model is not written for other programs; leave it out of the plan"
    case .healed: "heal: other programs have nothing to put in place of a dropped sublayer; use heal none"
    }
  }
}
