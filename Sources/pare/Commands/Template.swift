import ArgumentParser
import Foundation
import GGUF
import IO
import Inference
import Templates
import Tokenization

struct Template: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the prompt a chat template makes of messages.")

  @OptionGroup var model: ModelOptions

  @Option(
    help:
      "A file with the template (Jinja); default: the model's. It knows the tokens of a model given with -m.")
  var template: String?

  @Option(help: "A JSON list of messages, or an object {messages, tools, …}; - for stdin.")
  var messages: String

  @Option(help: "Whether the model thinks, and how much; needs -m.")
  var think: Think?

  @Option(
    help: ArgumentHelp(
      "A variable of the template: true, a number, other JSON or a text.", valueName: "name=value"))
  var templateVar: [String] = []

  @Flag(help: "Do not end with the beginning of the assistant's turn.")
  var noGenerationPrompt = false

  func validate() throws {
    if think != nil, model.model == nil { throw ValidationError("--think: name the model by -m") }
  }

  func run() throws {
    let value: Value
    do { value = try Value(json: String(decoding: input(messages), as: UTF8.self)) } catch let error
      as TemplateError
    { throw InputError(description: "\(messages): \(error)") }
    var variables: [Text: Value] = ["add_generation_prompt": .bool(!noGenerationPrompt)]
    let source = try chatTemplate(self.template)
    let template: ChatTemplate
    let choices = PromptChoices(think: think, variables: try TemplateVariables.parse(templateVar))
    if let source, model.model == nil {
      template = try ChatTemplate(source)
      variables["bos_token"] = .markup("")
      variables["eos_token"] = .markup("")
    } else {
      let metadata = try GGUFFile(path: model.url().path).metadata
      let tokenizer = try Tokenizer(metadata: metadata, chatTemplate: source)
      let format = try ChatFormat(metadata: metadata, tokenizer: tokenizer, override: source)
      template = try format.template()
      variables["bos_token"] = .markup(format.text(tokenizer.bos))
      variables["eos_token"] = .markup(format.text(tokenizer.eos))
      if let think, let refusal = format.refusal(of: think) { note(refusal) }
      variables.merge(format.variables(choices)) { _, chosen in chosen }
    }
    try variables.merge(value.chatVariables(from: messages)) { _, given in given }
    variables.merge(choices.values) { _, given in given }
    let text = try template.render(variables).map(\.text).joined()
    try TextOutput.standard.text(text)
  }
}

extension Think: ExpressibleByArgument {}

extension Value {
  /// A list is the messages; an object holds them beside other variables.
  fileprivate func chatVariables(from place: String) throws -> [Text: Value] {
    switch markedAsContent {
    case .list(let messages): return ["messages": .list(messages)]
    case .dict(let members) where members["messages"] != nil:
      return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
    default:
      throw InputError(description: "\(place): a JSON list of messages, or an object with them, is needed")
    }
  }
}
