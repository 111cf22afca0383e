import ArgumentParser
import Foundation
import IO
import Inference

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Answer one prompt, streamed to stdout.")

  @Argument(help: "The prompt, as with -p.")
  var text: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var sampling: SamplingArguments

  @Flag(help: "Print one JSON object instead of the text.")
  var json = false

  func validate() throws {
    if let text, prompt.prompt != nil {
      throw ValidationError("“\(text)” and -p: give the prompt once, in quotes if it has spaces")
    }
  }

  func run() throws {
    let text = try prompt.text(text, joinsInput: true)
    let context = try model.open(plan, template: chatTemplate(prompt.template))
    let answer = try prompt.answer(
      prompt.tokens(of: text, in: context), in: context,
      sampling.options(for: context.model, tokens: prompt.tokens),
      isShown: !json)
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
