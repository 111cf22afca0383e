import ArgumentParser
import Foundation
import Inference

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the planned model for other programs.",
    discussion: """
      gguf: a model file for llama.cpp and what is built on it. Weights the plan leaves alone stay as they are, others are \
      written in the nearest type there is (8 bits: Q8_0, 5: Q5_1, 4: Q4_1, ternary: Q4_0, the rest in Q8_0).
      llm-drop: the lists of dropped sublayers, for the config.json of a checkpoint, as LLM-Drop reads them.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions

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

  // The names that LLM-Drop reads.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct LLMDrop: Encodable {
    var drop_attn_list: [Int]
    var drop_mlp_list: [Int]
  }

  func run() throws {
    let written = try format == .gguf ? writeModel() : writeLists()
    if json { return try printJSON(written) }
    let tensors = format == .gguf ? ", \(written.tensors) tensors" : ""
    print("\(path): \(written.bytes) bytes\(tensors)")
  }

  private func writeModel() throws -> Output {
    let source = try model.url()
    guard URL(filePath: path).resolvingSymlinksInPath() != source.resolvingSymlinksInPath() else {
      throw ValidationError("\(path): is the model itself: choose another name")
    }
    let context = try model.open(plan)
    let export = try ModelExport(context)
    let summary = try export.write(to: path, progress: progress("writing"))
    if export.keepsDropped {
      note(
        "note: other programs still compute what is dropped, to add nothing: only llama and qwen2 models can leave it out"
      )
    }
    if context.plan.kvBits != 16 {
      note("note: the bits of keys and values are the other program's to choose")
    }
    return Output(file: path, bytes: summary.bytes, tensors: summary.tensors)
  }

  private func writeLists() throws -> Output {
    let plan = try plan.plan(for: Model(path: model.url().path))
    guard plan.bits == Plan.Bits(), !plan.rotate, !plan.heals else {
      throw ValidationError(
        "llm-drop holds dropped sublayers alone: leave bits, rotate and heal out of the plan")
    }
    let lists = LLMDrop(drop_attn_list: plan.drop.attention.sorted(), drop_mlp_list: plan.drop.mlp.sorted())
    let data = try JSONEncoder().encode(lists) + Data("\n".utf8)
    try output(path).write(contentsOf: data)
    return Output(file: path, bytes: data.count, tensors: 0)
  }
}
