import ArgumentParser
import Foundation
import IO
import Inference
import Sessions

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

  @Option(name: [.short, .long], help: "A file that holds the prompt, or follows -p (default: stdin).")
  var file: String?

  @Flag(help: "Print one JSON object instead of the text.")
  var json = false

  func validate() throws {
    if let text, prompt.prompt != nil {
      throw ValidationError("“\(text)” and -p: give the prompt once, in quotes if it has spaces")
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
      prompt.tokens(of: text, options.prompt, in: context), in: context, options, isShown: !json)
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
