import ArgumentParser
import Foundation
import Inference
import Terminal
import Tokenization

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Answer one prompt, streamed to stdout.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var sampling: SamplingArguments

  @Option(name: [.short, .long], help: "The prompt.")
  var prompt: String?

  @Option(name: [.short, .long], help: "A file that holds the prompt (default: stdin).")
  var file: String?

  @Option(name: [.customShort("n"), .long], help: "Tokens to answer with at most.")
  var tokens: Int?

  @Option(help: "The system prompt.")
  var system: String?

  @Option(help: "A file with a chat template (Jinja) that takes the place of the model's.")
  var template: String?

  @Flag(help: "Continue the text as it is, without a chat template.")
  var raw = false

  @Flag(help: "Print one JSON object instead of the text.")
  var json = false

  func validate() throws {
    if prompt != nil && file != nil { throw ValidationError("give -p or -f, not both") }
    if raw && system != nil { throw ValidationError("--system needs a chat template: leave out --raw") }
    if let tokens, tokens < 0 { throw ValidationError("-n \(tokens): use 0 or more") }
  }

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Output: Encodable {
    var text: String
    var token_ids: [Int]
    var prompt_tokens: Int
    var prefill_tok_per_s: Double
    var decode_tok_per_s: Double
    var first_token_s: Double
    var stop: StopReason
  }

  func run() throws {
    let text = try prompt.map { Data($0.utf8) } ?? input(file)
    let context = try model.open(plan, template: chatTemplate(template))
    let prompt = try promptTokens(text, context.model)
    let isTerminal = isatty(STDOUT_FILENO) == 1

    var answer: [AnswerToken] = []
    let statistics = try context.answer(
      prompt, sampling: try sampling.options(for: context.model), maximumTokens: tokens,
      isPlain: !raw && context.model.chatFormat.isPlain,
      progress: progress("reading prompt"), isInterrupted: { Interrupt.isRequested }
    ) { token, _ in
      answer.append(token)
      guard !json else { return }
      let text = isTerminal ? token.text.sanitized : token.text
      FileHandle.standardOutput.write(Data(text.utf8))
    }
    if json {
      try printJSON(
        Output(
          text: answer.map(\.text).joined(), token_ids: answer.prefix(statistics.answerTokens).map(\.id),
          prompt_tokens: prompt.count, prefill_tok_per_s: statistics.prefillTokensPerSecond,
          decode_tok_per_s: statistics.decodeTokensPerSecond, first_token_s: statistics.firstTokenSeconds,
          stop: statistics.stop))
    } else if isTerminal {
      print()
    }
    if statistics.stop == .interrupted { throw ExitCode(Failure.interrupted) }
  }

  private func promptTokens(_ text: Data, _ model: Model) throws -> [Token] {
    if raw {
      var tokens = model.tokenizer.encode(text)
      if model.tokenizer.addsBOS, let bos = model.tokenizer.bos { tokens.insert(bos, at: 0) }
      return tokens
    }
    var messages: [ChatMessage] = []
    if let system { messages.append(ChatMessage(role: .system, content: system)) }
    messages.append(ChatMessage(role: .user, content: String(decoding: text, as: UTF8.self)))
    return try model.chatFormat.tokens(messages)
  }
}
