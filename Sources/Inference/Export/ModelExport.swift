import Foundation
import GGUF
import IO
import Quantization
import Synchronization

/// A planned model as a GGUF file for other programs.
///
/// Weights that the plan leaves unchanged keep their blocks; encoded ones are written in the type that comes
/// closest (`PackedMatrix.encodedType`). Dropped blocks are left out, and other dropped sublayers where
/// llama.cpp has a graph for that; else they are made zero, as the columns of the output projection that read
/// dropped heads are. A tail for multi-token prediction is left out: it
/// was trained for the whole model, and some readers cannot open a file with one.
public struct ModelExport {
  private let model: Model
  private let plan: Plan
  private let pool: ComputePool
  private let kernels: Kernels
  private let layout: Layout
  /// Whether other programs compute dropped sublayers all the same: the last matrix of each is zero then.
  public let keepsDropped: Bool
  /// Whether the file of the model has a tail for multi-token prediction, which is left out.
  public var leavesOutTail: Bool { model.shape.tailLayers > 0 }
  /// Whether the head stays the embedding that it is tied to, although the plan gives it other bits: other
  /// programs know no other head of this architecture.
  public let keepsHead: Bool
  /// The matrices under the plan, by the tensor of the file that holds their rows, in the order of the rows.
  private let matrices: [String: [PackedMatrix]]
  /// The head of a model whose head is tied to its embedding; the embedding stays unchanged.
  private let tiedHead: PackedMatrix?

  /// What becomes of dropped sublayers.
  private enum Layout {
    /// They stay, and add nothing.
    case same
    case fewerLayers(FewerLayers)
    case deci(DeciFile)
  }

  /// The size of a written file.
  public struct Summary: Sendable, Hashable {
    public var bytes: Int
    public var tensors: Int
  }

  /// Checks that a file can express the plan.
  ///
  /// - Throws: ``ExportError`` when none can.
  public static func check(_ plan: Plan) throws(ExportError) {
    guard !plan.rotate else { throw .rotated }
    guard !plan.heals else { throw .healed }
  }

  /// An export of a context's model under its plan.
  ///
  /// - Parameter context: Its workers do the work, so that nothing else may run in it while the file is
  ///   written.
  /// - Throws: ``ExportError``.
  public init(_ context: InferenceContext) throws(ExportError) {
    try Self.check(context.plan)
    model = context.model
    plan = context.plan
    pool = context.pool
    kernels = context.kernels
    let dropsAny = plan.drop.hasSublayers
    if dropsAny, let fewer = FewerLayers(model, plan.drop) {
      layout = .fewerLayers(fewer)
      keepsDropped = false
    } else if dropsAny, let deci = DeciFile(model, plan.drop) {
      layout = .deci(deci)
      keepsDropped = false
    } else {
      layout = .same
      keepsDropped = dropsAny
    }
    let isTied = model.file["output.weight"] == nil
    let tied = isTied ? context.weights.matrices[.init(layer: nil, role: .head)] : nil
    tiedHead = model.architecture.tiesHead ? nil : tied
    keepsHead = model.architecture.tiesHead && tied?.isExact == false
    let ofTensors = context.weights.matrices.filter { !isTied || $0.key.role != .head }.values
    matrices = Dictionary(grouping: ofTensors, by: \.tensorName)
      .mapValues { $0.sorted { $0.firstRow < $1.firstRow } }
  }

  /// Writes the file at `path`, in place of one that is there; else as ``write(to:progress:)-(OutputFile,_)``.
  public func write(to path: String, progress: (Double) -> Bool = { _ in true }) throws -> Summary {
    try write(to: OutputFile(path, replaces: true), progress: progress)
  }

  /// Writes the file and finishes it.
  ///
  /// - Parameter progress: Called again and again with the fraction that is done; false stops.
  /// - Throws: `OutputError` when the file cannot be written; `CancellationError`. What was at its place is
  ///   then unchanged.
  public func write(to file: OutputFile, progress: (Double) -> Bool = { _ in true }) throws -> Summary {
    let entries = entries, total = entries.reduce(0) { $0 + $1.byteCount }
    try withoutActuallyEscaping(progress) { progress in
      var writer = GGUFWriter(metadata: try metadata(entries)), written = 0
      for entry in entries {
        writer.add(entry.name, shape: entry.shape, type: entry.type) { emit in
          try entry.source {
            guard progress(Double(written) / Double(total)) else { throw CancellationError() }
            try emit($0)
            try model.file.checkMapping()
            written += $0.count
          }
        }
      }
      try writer.write(to: file)
    }
    _ = progress(1)
    return Summary(bytes: file.count, tensors: entries.count)
  }

  private func metadata(_ entries: [Entry]) throws -> Metadata {
    var metadata = model.metadataWithoutTail
    switch layout {
    case .same: break
    case .fewerLayers(let fewer): metadata = fewer.metadata(metadata)
    case .deci(let deci): metadata = deci.metadata(metadata)
    }
    for key in ["split.no", "split.count", "split.tensors.count"] { metadata[key] = nil }
    // The name of the file's mix is no longer true; some readers need one.
    if entries.contains(where: \.isEncoded) {
      metadata["general.file_type"] = fileType(entries).map { .uint32(UInt32($0)) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    metadata["pare.plan"] = .string(String(decoding: try encoder.encode(plan), as: UTF8.self))
    return metadata
  }

  /// The number of the mix of the type that holds most weights of the matrices.
  private func fileType(_ entries: [Entry]) -> Int? {
    var weights: [BlockType: Int] = [:]
    for entry in entries where entry.shape.count > 1 {
      weights[entry.type, default: 0] += entry.shape.reduce(1, *)
    }
    let types = weights.sorted { ($0.value, $0.key.name) > ($1.value, $1.key.name) }.map(\.key)
    return types.lazy.compactMap(FileType.number).first
  }

  // MARK: Tensors

  private struct Entry {
    var name: String
    var shape: [Int]
    var type: BlockType
    /// Whether the plan wrote the weights in another type.
    var isEncoded = false
    var source: GGUFWriter.Source

    var byteCount: Int { shape.reduce(1, *) / type.elementsPerBlock * type.bytesPerBlock }
  }

  private var entries: [Entry] {
    var entries = model.tensors.compactMap(entry)
    if let tiedHead, !tiedHead.isExact { entries.append(encoded("output.weight", [tiedHead])) }
    if case .deci(let deci) = layout {
      entries += deci.zeros.map {
        zeros($0.name, shape: $0.shape, .f16, byteCount: 2 * $0.shape.reduce(1, *))
      }
    }
    return entries
  }

  /// The entry for a tensor of the model's file; nil for one that is left out.
  private func entry(_ tensor: Tensor) -> Entry? {
    let name = TensorName(tensor.name)
    var newName = tensor.name, order: (@Sendable (Int) -> Int)?
    switch layout {
    case .same: break
    case .fewerLayers(let fewer):
      guard let name = fewer.name(of: name) else { return nil }
      newName = name
    case .deci(let deci):
      if deci.isLeftOut(name) { return nil }
      order = deci.row(of: name)
    }
    // A dropped sublayer that stays in the file adds nothing.
    if let layer = name.layer, let sublayer = name.sublayer, name.isOutput,
      !plan.runs(sublayer, layer: layer)
    {
      return zeros(newName, shape: tensor.shape, tensor.type, byteCount: tensor.data.count)
    }
    let silent = silentColumns(name)
    if isEncoded(tensor) { return encoded(newName, matrices[tensor.name] ?? [], order, silent) }
    if isContainedScale(tensor.name) { return nil }
    if !silent.isEmpty { return silenced(tensor, newName, silent) }
    return Entry(name: newName, shape: tensor.shape, type: tensor.type) { emit in
      guard let order else { return try emit(tensor.data) }
      let rows = tensor.shape.count > 1 ? tensor.shape[1] : tensor.shape[0]
      let rowBytes = tensor.data.count / rows
      for place in 0..<rows {
        let start = order(place) * rowBytes
        try emit(UnsafeRawBufferPointer(rebasing: tensor.data[start..<start + rowBytes]))
      }
    }
  }

  /// A tensor of zeros: bytes of 0, which mean zero in every type.
  private func zeros(_ name: String, shape: [Int], _ type: BlockType, byteCount: Int) -> Entry {
    Entry(name: name, shape: shape, type: type) { emit in
      let bytes = [UInt8](repeating: 0, count: byteCount)
      try bytes.withUnsafeBytes(emit)
    }
  }

  /// The columns of an attention's output projection that read dropped heads; none of other tensors.
  private func silentColumns(_ name: TensorName) -> [Range<Int>] {
    guard let layer = name.layer, name.sublayer == .attention, name.isOutput else { return [] }
    let width = model.shape.layerShapes[layer].valueWidth
    return plan.drop[heads: layer].sorted().reduce(into: []) { ranges, head in
      let own = head * width..<(head + 1) * width
      if let last = ranges.last, last.upperBound == own.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<own.upperBound
      } else {
        ranges.append(own)
      }
    }
  }

  /// Whether the matrix is written in another type than the file's: the plan's, or one whose blocks begin and
  /// end where dropped heads do.
  private func isEncoded(_ tensor: Tensor) -> Bool {
    guard let matrices = matrices[tensor.name] else { return false }
    return !matrices.allSatisfy(\.isExact)
      || !tensor.type.hasBlocks(at: silentColumns(TensorName(tensor.name)))
  }

  /// A tensor's own blocks, with zeros in some columns.
  private func silenced(_ tensor: Tensor, _ name: String, _ columns: [Range<Int>]) -> Entry {
    Entry(name: name, shape: tensor.shape, type: tensor.type) { emit in
      for row in 0..<tensor.shape[1] {
        var bytes = Array(tensor.data[row * tensor.rowBytes..<(row + 1) * tensor.rowBytes])
        tensor.type.zero(columns, ofRowAt: 0, in: &bytes)
        try bytes.withUnsafeBytes(emit)
      }
    }
  }

  /// Whether this is the scale of a matrix that is encoded, scale and all.
  private func isContainedScale(_ name: String) -> Bool {
    guard let end = [".scale", ".input_scale"].first(where: name.hasSuffix) else { return false }
    return model.file[name.dropLast(end.count) + ".weight"].map(isEncoded) ?? false
  }

  private func encoded(
    _ name: String, _ matrices: [PackedMatrix], _ order: (@Sendable (Int) -> Int)? = nil,
    _ silent: [Range<Int>] = []
  ) -> Entry {
    let rows = matrices.reduce(0) { $0 + $1.rows }, types = Set(matrices.map(\.encodedType))
    let type = types.count == 1 && types.first!.hasBlocks(at: silent) ? types.first! : .f32
    return Entry(name: name, shape: [matrices[0].columns, rows], type: type, isEncoded: true) {
      [pool, kernels] emit in
      for matrix in matrices {
        for first in stride(from: 0, to: matrix.rows, by: Self.rowsAtOnce) {
          let count = min(Self.rowsAtOnce, matrix.rows - first), parts = Mutex<[Int: [UInt8]]>([:])
          pool.run { worker in
            let mine = pool.share(count, worker)
            var bytes: [UInt8] = []
            for place in first + mine.lowerBound..<first + mine.upperBound {
              let start = bytes.count
              matrix.appendRow(order?(place) ?? place, to: &bytes, as: type, kernels: kernels)
              type.zero(silent, ofRowAt: start, in: &bytes)
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

extension BlockType {
  /// Whether blocks of the type begin and end where ranges of columns do, and are zero where their bytes are.
  fileprivate func hasBlocks(at columns: [Range<Int>]) -> Bool {
    columns.isEmpty
      || self != .i2_s
        && columns.allSatisfy {
          $0.lowerBound % elementsPerBlock == 0 && $0.upperBound % elementsPerBlock == 0
        }
  }

  /// Makes columns of the row that begins at a byte zero.
  fileprivate func zero(_ columns: [Range<Int>], ofRowAt start: Int, in bytes: inout [UInt8]) {
    for range in columns {
      let blocks = range.lowerBound / elementsPerBlock..<range.upperBound / elementsPerBlock
      for byte in blocks.lowerBound * bytesPerBlock..<blocks.upperBound * bytesPerBlock {
        bytes[start + byte] = 0
      }
    }
  }
}

/// A plan that a file for other programs cannot express.
public enum ExportError: Error, CustomStringConvertible, Hashable {
  case rotated, healed

  public var description: String {
    switch self {
    case .rotated: "rotate: a rotated model is not written for other programs; leave it out of the plan"
    case .healed: "heal: other programs have nothing to put in place of a dropped sublayer; use heal none"
    }
  }
}
