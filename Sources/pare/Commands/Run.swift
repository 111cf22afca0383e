import ArgumentParser
import Foundation
import IO
import Inference

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Answer one prompt, streamed to stdout.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var sampling: SamplingArguments

  @Flag(help: "Print one JSON object instead of the text.")
  var json = false

  func run() throws {
    let text = try prompt.text()
    let context = try model.open(plan, template: chatTemplate(prompt.template))
    let answer = try prompt.answer(
      prompt.tokens(of: text, in: context), in: context, sampling.options(for: context.model),
      isShown: !json)
    if json {
      try printJSON(answer)
    } else if TextOutput.standard.isTerminal {
      try printLine("")
    }
    if answer.stop == .interrupted { throw ExitCode(Failure.interrupted) }
  }
}
