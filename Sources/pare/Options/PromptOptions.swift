import ArgumentParser
import Foundation
import IO
import Inference
import Tokenization

/// The prompt to answer.
struct PromptOptions: ParsableArguments {
  @Option(name: [.short, .long], help: "The prompt.")
  var prompt: String?

  @Option(name: [.customShort("n"), .long], help: "Tokens to answer with at most.")
  var tokens: Int?

  @Option(help: "The system prompt.")
  var system: String?

  @Option(help: "A file with a chat template (Jinja) that takes the place of the model's.")
  var template: String?

  @Flag(help: "Continue the text as it is, without a chat template.")
  var raw = false

  @Flag(
    inversion: .prefixedNo,
    help: "Show on stderr what the model thinks, as it comes. (default: where stderr is a terminal)")
  var showThinking: Bool?

  func validate() throws {
    if raw, system?.isEmpty == false {
      throw ValidationError("--system needs a chat template: leave out --raw")
    }
    if let tokens, tokens < 0 { throw ValidationError("-n \(tokens): use 0 or more") }
  }

  /// The prompt: `-p`, and after it a file; without it the contents of the file or of stdin. A message does not
  /// hold the line break that ends the last line of those; text to continue as it is keeps it.
  ///
  /// - Parameters:
  ///   - words: The prompt that stands where `-p` might.
  ///   - file: The file; nil for none.
  ///   - joinsInput: Whether what is piped in follows `-p`, where no file does.
  func text(_ words: String? = nil, file: String?, joinsInput: Bool = false) throws -> Data {
    guard let prompt = prompt ?? words else {
      if file == nil || file == "-", isatty(STDIN_FILENO) == 1 {
        note("reading the prompt from the terminal: ^D on a line of its own ends it")
      }
      return withoutLineEnd(try input(file))
    }
    var text = Data(prompt.utf8)
    guard let more = try file.map({ try input($0) }) ?? (joinsInput ? pipedInput() : nil) else { return text }
    let rest = withoutLineEnd(more)
    if !rest.isEmpty { text += Data((text.isEmpty ? "" : "\n\n").utf8) + rest }
    return text
  }

  private func withoutLineEnd(_ text: Data) -> Data {
    var text = text
    guard !raw, text.last == UInt8(ascii: "\n") else { return text }
    text.removeLast()
    if text.last == UInt8(ascii: "\r") { text.removeLast() }
    return text
  }

  /// nil where nothing is piped in.
  private func pipedInput() throws -> Data? {
    guard PipedInput.isOffered else { return nil }
    guard PipedInput.comes(within: 2000) else {
      note("nothing came on stdin in 2 s, so the prompt goes without it; -f - waits for it")
      return nil
    }
    return try input(nil)
  }

  /// The tokens that a context's model reads before it answers `text`.
  func tokens(
    of text: Data, _ choices: PromptChoices, in context: InferenceContext
  ) throws -> [Token] {
    let model = context.model
    if raw {
      try model.tokenizer.checkLength(text.count, capacity: context.capacity)
      var tokens = model.tokenizer.encode(text)
      if model.tokenizer.addsBOS, let bos = model.tokenizer.bos { tokens.insert(bos, at: 0) }
      return tokens
    }
    var messages: [ChatMessage] = []
    if let system, !system.isEmpty { messages.append(ChatMessage(role: .system, content: system)) }
    messages.append(ChatMessage(role: .user, content: String(decoding: text, as: UTF8.self)))
    return try model.chatFormat.tokens(messages, choices: choices, capacity: context.capacity)
  }

  /// Answers, and prints the answer as it comes when `isShown`.
  ///
  /// - Parameters:
  ///   - logprobs: The likeliest tokens to tell at each token; nil tells nothing of them.
  ///   - drafts: Earlier answers that may recur.
  func answer(
    _ prompt: [Token], in context: InferenceContext, _ sampling: SamplingOptions, isShown: Bool,
    logprobs: Int? = nil, drafts: [[Token]] = []
  ) throws -> AnswerOutput {
    var answer: [AnswerToken] = []
    var failure: OutputError?
    let showsThinking = isShown && (showThinking ?? StandardError.isTerminal)
    var isThinking = false
    let statistics = try context.answer(
      prompt, sampling: sampling, maximumTokens: tokens, isPlain: !raw && context.model.chatFormat.isPlain,
      thinking: raw ? nil : context.model.chatFormat.thinking, keeps: logprobs ?? TokenDraw.standardCount,
      drafts: drafts,
      progress: progress("reading prompt"), isInterrupted: { Interrupt.isRequested || failure != nil }
    ) { token, _ in
      answer.append(token)
      guard isShown, failure == nil else { return }
      if token.part == .reasoning {
        if showsThinking, !token.text.isEmpty {
          StandardError.aside(token.text)
          isThinking = true
        }
        return
      }
      if isThinking, !token.text.isEmpty {
        StandardError.aside("\n\n")
        isThinking = false
      }
      do throws(OutputError) { try TextOutput.standard.text(token.text) } catch { failure = error }
    }
    if isThinking { StandardError.aside("\n") }
    if let failure { throw failure }
    var output = AnswerOutput(answer, statistics)
    if logprobs != nil {
      output.logprobs = answer.compactMap {
        DrawOutput($0, temperature: sampling.temperature, context.model.tokenizer)
      }
    }
    return output
  }
}
