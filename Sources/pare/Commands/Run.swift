import ArgumentParser
import Foundation
import IO
import Inference
import Sessions
import Tokenization

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Answer one prompt, streamed to stdout.")

  @Argument(help: "The prompt, as with -p.")
  var text: String?

  @Option(help: "A prompt of yours by name, which takes the other one at its {{input}}.")
  var use: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var sampling: SamplingArguments

  @Option(
    help: ArgumentHelp(
      "What `run --json` printed under another plan: where its answer recurs, it is not decoded again.",
      valueName: "file"))
  var draftFrom: String?

  @Option(name: [.short, .long], help: "A file that holds the prompt, or follows -p (default: stdin).")
  var file: String?

  @Flag(help: "Print one JSON object instead of the text.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "With --json: how each token was drawn, with the N likeliest (0 to 20) and what the sampler left of them.",
      valueName: "n"))
  var logprobs: Int?

  func validate() throws {
    if let logprobs {
      guard (0...20).contains(logprobs) else {
        throw ValidationError("--logprobs takes 0 to 20, not \(logprobs)")
      }
      guard json else { throw ValidationError("--logprobs goes with --json") }
    }
    if let text, prompt.prompt != nil {
      throw ValidationError("“\(text)” and -p: give the prompt once, in quotes if it has spaces")
    }
  }

  /// The tokens of an answer that was printed as JSON.
  private func earlierAnswer(_ path: String) throws -> [Token] {
    struct Answer: Decodable {
      var tokens: [Token]
      enum CodingKeys: String, CodingKey { case tokens = "token_ids" }
    }
    let data = try input(path)
    do { return try JSONDecoder().decode(Answer.self, from: data).tokens } catch {
      throw InputError(description: "\(path): holds no answer: give what `pare run --json` printed")
    }
  }

  func run() throws {
    var text = try prompt.text(text, file: file, joinsInput: true)
    if let use {
      let named = try PromptFile.load(use, in: Directories().prompts)
      text = Data(PromptFile.filled(named, with: String(decoding: text, as: UTF8.self)).utf8)
    }
    let context = try model.open(plan, template: chatTemplate(prompt.template))
    let options = try sampling.options(for: context.model, tokens: prompt.tokens)
    let answer = try prompt.answer(
      prompt.tokens(of: text, options.prompt, in: context), in: context, options, isShown: !json,
      logprobs: logprobs, drafts: draftFrom.map { [try earlierAnswer($0)] } ?? [])
    if json {
      try printJSON(answer)
    } else {
      if !answer.text.hasSuffix("\n") { try printLine("") }
      if answer.stop == .loop, let loop = answer.loop {
        note("stopped: the answer repeats itself since token \(loop.from); --loop-guard 0 lets it")
      }
    }
    if answer.stop == .interrupted { throw ExitCode(Failure.interrupted) }
  }
}
