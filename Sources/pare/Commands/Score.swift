import Analysis
import ArgumentParser
import Foundation
import IO
import Inference
import Interface
import Tokenization

struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the log-probability of each token of a text, given those before it.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var output: OutputOptions

  @Option(name: [.short, .long], help: "The text (default: stdin).")
  var file: String?

  @Flag(help: "Begin with the token that begins a text.")
  var bos = false

  @Option(name: [.customShort("n"), .long], help: "Score the first N tokens only.")
  var tokens: Int?

  @Option(help: "Also print the K likeliest tokens at each position.")
  var top = 0

  @Option(help: "Write the logits after each token to a file: f32, little-endian, [tokens, vocabulary].")
  var logits: String?

  @Flag(help: "Read token by token, as answers are decoded.")
  var decode = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if let tokens, tokens < 1 { throw ValidationError("-n \(tokens): use 1 or more") }
    if top < 0 { throw ValidationError("--top \(top): use 0 or more") }
  }

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Output: Encodable {
    var ids: [Token]
    var logprob: [Float]
    var top: [[Token]]
    var top_logprob: [[Float]]
  }

  func run() throws {
    let logitsFile = try logits.map {
      try output.file($0, inputs: try model.files() + [file, plan.path])
    }
    let data = try input(file)
    let context = try model.open(plan)
    let ids = try context.model.textTokens(data, bos: bos, limit: tokens, from: file)
    let scores = try TokenScores(
      of: ids, in: context, top: top, decodes: decode, progress: progress("scoring")
    ) { try logitsFile?.write(UnsafeRawBufferPointer($0)) }
    try logitsFile?.finish()
    if scores.logProbability.contains(where: \.isNaN) { context.noteNaN() }
    if json {
      return try printJSON(
        Output(
          ids: scores.ids, logprob: scores.logProbability, top: scores.top,
          top_logprob: scores.topLogProbability))
    }
    for (id, score) in zip(scores.ids.dropFirst(), scores.logProbability) {
      try printLine(
        "\(Figures.fixed(Double(score), 4).leftPadded(8)) \(context.model.tokenizer.text(of: id))")
    }
  }
}

extension Model {
  /// The tokens of a plain text; an error when there is none to work on.
  func textTokens(_ text: Data, bos: Bool = false, limit: Int?, from file: String?) throws -> [Token] {
    var ids = tokenizer.encode(text)
    if bos, let token = tokenizer.bos { ids.insert(token, at: 0) }
    if let limit { ids = Array(ids.prefix(limit)) }
    guard !ids.isEmpty else { throw InputError(description: "\(file ?? "stdin"): there is no text in it") }
    return ids
  }
}
