import ArgumentParser
import Foundation
import GGUF
import Inference
import Quantization

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model file's metadata, tensors and memory; check its data.")

  @OptionGroup var model: ModelOptions

  @Flag(help: "List the tensors.")
  var tensors = false

  @Flag(
    help:
      "Look through all data for NaN, infinity and codes that stand for nothing; exit code 1 where there are."
  )
  var check = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let clock = ContinuousClock(), start = clock.now
    let file = try GGUFFile(path: model.url().path)
    let memory = Memory(file, opening: clock.now - start, model)
    let problems = check ? try self.problems(of: file) : nil
    if json {
      try printJSON(Report(file, memory: memory, problems: problems?.found))
    } else if let problems {
      try problems.printLines(file)
    } else {
      try list(file, memory)
    }
    if problems?.found.isEmpty == false { throw ExitCode(Failure.runtimeError) }
  }

  private func list(_ file: GGUFFile, _ memory: Memory) throws {
    for (key, value) in file.metadata.entries { try printLine("\(key.string) = \(value.display)") }
    try printLine("\(file.tensors.count) tensors, \(file.fileBytes) bytes in the file")
    for line in memory.lines { try printLine(line) }
    guard tensors else { return }
    for tensor in file.tensors {
      let shape = tensor.shape.map(String.init).joined(separator: "×")
      try printLine("\(tensor.name)  \(tensor.type.name)  \(shape)  \(tensor.data.count) bytes")
    }
  }

  private func problems(of file: GGUFFile) throws -> Problems {
    Interrupt.watch()
    let clock = ContinuousClock(), start = clock.now, progress = progress("checking")
    let found = try file.dataProblems(progress: progress)
    try file.checkMapping()
    return Problems(found: found, duration: clock.now - start)
  }

  /// The results of `--check`.
  private struct Problems {
    var found: [DataProblem]
    var duration: Duration

    func printLines(_ file: GGUFFile) throws {
      for problem in found {
        let place = problem.block.map { "block \($0)" } ?? "the tensor"
        let others = problem.count > 1 ? " (\(problem.count) blocks in all)" : ""
        try printLine(
          "\(problem.tensor) (\(problem.type.name)): \(place): \(problem.fault.rawValue)\(others)")
      }
      let done = String(
        format: "%d tensors, %.1f MB, checked in %.2f s: ", file.tensors.count, Double(file.fileBytes) / 1e6,
        duration / .seconds(1))
      let tensors = Set(found.map(\.tensor)).count
      try printLine(
        found.isEmpty
          ? done + "no NaN, no infinity, no code without a meaning"
          : done
            + "\(tensors) of them \(tensors == 1 ? "is" : "are") bad: download or convert the model again")
    }
  }
}

/// The memory of a model: the file, which is mapped, and the memory that running it as it is takes.
private struct Memory: Encodable {
  var fileBytes: Int
  /// The time of opening the file, which reads the header alone.
  var openSeconds: Double
  /// Packed weights, and keys and values of a position; nil when the model cannot be run.
  var weightBytes: Int?
  var kvBytesPerPosition: Int?
  var trainedContext: Int?
  /// Bits of the activations that the model runs with unless a plan chooses others, and whether its weights are ternary.
  var activationBits: Int?
  var isTernary: Bool?
  /// What a chat takes, with `-c` positions or as many as there are without it.
  private var need: MemoryNeed?
  /// The reason why it cannot be run.
  var obstacle: String?
  /// What lies behind the layers that run; nil for nothing.
  var tail: Tail?
  /// Keys of the file that are left out.
  private var remarks: [String] = []

  private enum CodingKeys: String, CodingKey {
    case fileBytes = "file_bytes"
    case openSeconds = "open_s"
    case weightBytes = "weight_bytes"
    case kvBytesPerPosition = "kv_bytes_per_position"
    case trainedContext = "context"
    case activationBits = "act_bits"
    case isTernary = "ternary"
    case positions, obstacle, tail
    case cacheBytes = "kv_bytes"
    case workspaceBytes = "workspace_bytes"
    case recordBytes = "record_bytes"
    case totalBytes = "total_bytes"
  }

  init(_ file: GGUFFile, opening: Duration, _ options: ModelOptions) {
    fileBytes = file.fileBytes
    openSeconds = opening / .seconds(1)
    do {
      let model = try Model(path: file.path)
      weightBytes = model.nativeBytesPerToken
      kvBytesPerPosition = model.kvBytesPerPosition
      trainedContext = model.shape.trainedContext
      activationBits = model.nativeActivationBits
      isTernary = model.isTernary
      tail = Tail(model)
      remarks = model.tokenizer.remarks
      let load = try options.loadOptions()
      let conditions = RunConditions(
        threads: load.threads ?? ComputePool.defaultThreads, recordsSimilarity: true, keepsStream: true)
      need = model.memoryNeed(
        .baseline, positions: load.context ?? model.standardContext(.baseline, conditions), conditions)
      _ = try model.checkedNeed(.baseline, asked: load.context, conditions)
    } catch { obstacle = "\(error)" }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(fileBytes, forKey: .fileBytes)
    try container.encode(openSeconds, forKey: .openSeconds)
    try container.encodeIfPresent(weightBytes, forKey: .weightBytes)
    try container.encodeIfPresent(kvBytesPerPosition, forKey: .kvBytesPerPosition)
    try container.encodeIfPresent(trainedContext, forKey: .trainedContext)
    try container.encodeIfPresent(activationBits, forKey: .activationBits)
    try container.encodeIfPresent(isTernary, forKey: .isTernary)
    try container.encodeIfPresent(obstacle, forKey: .obstacle)
    try container.encodeIfPresent(tail, forKey: .tail)
    guard let need else { return }
    try container.encode(need.positions, forKey: .positions)
    try container.encode(need.cache, forKey: .cacheBytes)
    try container.encode(need.workspace, forKey: .workspaceBytes)
    try container.encode(need.records, forKey: .recordBytes)
    try container.encode(need.total, forKey: .totalBytes)
  }

  var lines: [String] {
    let mapped = String(
      format: "%@ mapped in %.1f ms; data is read when it is used", fileBytes.inUnits, openSeconds * 1000)
    guard let need, let kvBytesPerPosition, let trainedContext else {
      return [mapped, "memory to run: unknown, \(obstacle ?? "")"]
    }
    let lines = [
      mapped, "memory to run: \(need.total.inUnits): \(need.parts)",
      "KV cache: \(kvBytesPerPosition) bytes a position, \(kvBytesPerPosition.multiplied(by: trainedContext))"
        + " for all \(trainedContext)",
    ]
    return lines + [activations] + (tail.map { [$0.line] } ?? []) + remarks
      + (obstacle.map { ["it cannot be run so: \($0)"] } ?? [])
  }

  /// What the layers multiply.
  private var activations: String {
    isTernary == true
      ? "ternary: the layers' weights are −d, 0 and d with one d for a matrix, 2 bits each; activations have 8 bits with one "
        + "scale for a token, as in training, and their sums are exact (--act-bits 16 for finer ones)"
      : "activations: 16 bits (--act-bits 8 for faster, coarser ones)"
  }
}

/// The tail of a file for multi-token prediction.
private struct Tail: Encodable {
  var layers: Int
  /// The layers in front of it.
  var running: Int
  var tensors: Int
  var bytes: Int

  private enum CodingKeys: String, CodingKey { case layers, tensors, bytes }

  /// Nil for a file without one.
  init?(_ model: Model) {
    layers = model.shape.tailLayers
    running = model.shape.layers
    guard layers > 0 else { return nil }
    let found = model.tailTensors
    tensors = found.count
    bytes = found.reduce(0) { $0 + $1.data.count }
  }

  /// `a tail for multi-token prediction, not run: …`
  var line: String {
    "a tail for multi-token prediction, not run: \(layers) \(layers == 1 ? "layer" : "layers") behind the "
      + "\(running) that run, \(tensors) tensors, \(bytes.inUnits)"
  }
}

extension Int {
  /// A product in units of bytes.
  fileprivate func multiplied(by count: Int) -> String {
    let (product, overflow) = multipliedReportingOverflow(by: count)
    return overflow ? "more than there is" : product.inUnits
  }
}

private struct Report: Encodable {
  struct Entry: Encodable {
    var name: String
    var type: String
    var shape: [Int]
    var bytes: Int
  }
  struct Problem: Encodable {
    var tensor: String
    var type: String
    var block: Int?
    var problem: String
    var count: Int
  }
  var metadata: [String: JSONMetadata]
  var tensors: [Entry]
  var memory: Memory
  /// With `--check` only.
  var problems: [Problem]?

  init(_ file: GGUFFile, memory: Memory, problems: [DataProblem]?) {
    // Keys that differ as bytes alone are one to JSON's writer.
    metadata = Dictionary(
      file.metadata.entries.map { ($0.key.string, JSONMetadata(value: $0.value)) },
      uniquingKeysWith: { first, _ in first })
    tensors = file.tensors.map {
      Entry(name: $0.name, type: $0.type.name, shape: $0.shape, bytes: $0.data.count)
    }
    self.memory = memory
    self.problems = problems?.map {
      Problem(
        tensor: $0.tensor, type: $0.type.name, block: $0.block, problem: $0.fault.rawValue, count: $0.count)
    }
  }
}

extension MetadataValue {
  /// The value on one line; of a list only its length and kind.
  fileprivate var display: String {
    switch self {
    case .string(let text): text
    case .bool(let truth): "\(truth)"
    case .array(let array): "\(array.count) × \(array.elementKind)"
    default: integer.map(String.init) ?? number.map { "\($0)" } ?? ""
    }
  }
}

/// A metadata value in the JSON that comes closest.
private struct JSONMetadata: Encodable {
  var value: MetadataValue

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .string(let text): try container.encode(text)
    case .bool(let truth): try container.encode(truth)
    case .array(let array):
      if let strings = array.byteStrings {
        try container.encode(strings.map { String(decoding: $0, as: UTF8.self) })
      } else if let integers = array.integers {
        try container.encode(integers)
      } else if let bools = array.bools {
        try container.encode(bools)
      } else {
        try container.encode(array.numbers ?? [])
      }
    default:
      if let integer = value.integer {
        try container.encode(integer)
      } else {
        try container.encode(value.number)
      }
    }
  }
}
