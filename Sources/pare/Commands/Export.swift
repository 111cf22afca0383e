import ArgumentParser
import Foundation
import IO
import Inference

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the planned model for other programs.",
    discussion: """
      gguf: a model file for llama.cpp and what is built on it. Weights the plan leaves alone stay as they \
      are, others are written in the nearest type there is (8 bits: Q8_0, 5: Q5_1, 4: Q4_1, ternary: Q4_0, \
      the rest in Q8_0).
      llm-drop: the lists of dropped sublayers that LLM-Drop reads, written into the config.json of a \
      checkpoint.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var output: OutputOptions

  @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
  var path: String

  @Option(help: "gguf or llm-drop.")
  var format = Format.gguf

  @Flag(help: "Print one JSON object.")
  var json = false

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case gguf
    case llmDrop = "llm-drop"
  }

  private struct Output: Encodable {
    var file: String
    var bytes: Int
    var tensors: Int
  }

  func run() throws {
    let written = try format == .gguf ? writeModel() : writeLists()
    let tensors = format == .gguf ? ", \(written.tensors) tensors" : ""
    let summary = "\(path): \(written.bytes) bytes\(tensors)"
    if OutputFile.isStandardOutput(path) { return note(summary) }
    if json { try printJSON(written) } else { try printLine(summary) }
  }

  private func writeModel() throws -> Output {
    if let file = try plan.file() { try ModelExport.check(file.plan) }
    let file = try output.file(path, inputs: try model.files() + [plan.path])
    let context = try model.open(plan)
    let export = try ModelExport(context)
    let summary = try export.write(to: file, progress: progress("writing"))
    if export.keepsDropped {
      note(
        "note: other programs still compute what is dropped, to add nothing: "
          + "only models of llama, qwen2, ernie4_5, internlm2 and deci can leave it out")
    }
    if context.plan.drop.headCount > 0 {
      note("note: dropped heads are zero columns of the output projection: other programs still compute them")
    }
    if export.keepsHead {
      note("note: the head keeps the file's bits: other programs know it only as the embedding it is tied to")
    }
    if export.leavesOutTail {
      note("note: the tail for multi-token prediction is left out: it was trained for the model as it was")
    }
    if context.plan.kvBits != 16 || context.plan.activationBits != nil {
      note("note: the bits of keys, values and activations are the other program's to choose")
    }
    return Output(file: path, bytes: summary.bytes, tensors: summary.tensors)
  }

  /// Puts the lists into a checkpoint's configuration, whose other keys stay as they are.
  private func writeLists() throws -> Output {
    let plan = try plan.plan(for: Model(path: model.url().path))
    var dropsAlone = Plan.baseline
    dropsAlone.drop = plan.drop
    guard plan.drop.heads.isEmpty else {
      throw ValidationError(
        "llm-drop has no place for single heads (drop.heads): leave them out, or write --format gguf")
    }
    guard plan == dropsAlone else {
      throw ValidationError(
        "llm-drop holds dropped sublayers alone: leave bits, act-bits, rotate, heal and kv-bits out of the plan"
      )
    }
    let known = FileManager.default.fileExists(atPath: path) ? try Array(input(path)) : nil
    guard let text = LLMDropConfiguration.setting(plan.drop, in: known) else {
      throw InputError(description: "\(path): is there and no JSON object: choose another name")
    }
    // The file is changed, not replaced: what else it says stays.
    let file = try OutputFile(path, replaces: true, inputs: [self.plan.path].compactMap { $0 })
    try file.write(Data(text))
    try file.finish()
    return Output(file: path, bytes: file.count, tensors: 0)
  }
}
