import GGUF
import Templates
import Tokenization

extension Tokenizer {
  /// The longest text that is read into a context, in bytes: more than a context of a million tokens holds.
  public static let maximumBytes = 32 << 20

  /// Refuses a text of which one look at its length says that it does not fit a context.
  ///
  /// - Parameter capacity: Positions of the context.
  public func checkLength(_ bytes: Int, capacity: Int) throws(ContextError) {
    let (most, overflow) = capacity.multipliedReportingOverflow(by: longestPiece)
    let limit = overflow ? Self.maximumBytes : min(most, Self.maximumBytes)
    guard bytes <= limit else { throw .long(bytes: bytes, limit: limit, capacity: capacity) }
  }
}

/// The conversion of conversations to tokens: the model's chat template and its tokenizer.
public struct ChatFormat: Sendable {
  /// The template, or why the file's cannot be used.
  private let parsed: Result<ChatTemplate, GGUFError>
  /// The source of the template.
  public let origin: Origin
  let tokenizer: Tokenizer
  /// How its answers hold thoughts; nil for a model that does not think, as far as its file tells.
  public let thinking: ThinkingFormat?
  /// The model's file, for errors.
  private let file: String?

  /// A source of templates: the model's file, the user, or this program where the file has none.
  public enum Origin: Sendable, Hashable { case file, override, fallback }

  /// A template of the file that cannot be parsed fails where a prompt is made, so that all that needs none
  /// works.
  ///
  /// - Parameter override: Jinja source that replaces the file's template.
  /// - Throws: ``TemplateError`` when the override cannot be parsed.
  public init(metadata: Metadata, tokenizer: Tokenizer, override: String? = nil) throws {
    if let override {
      parsed = .success(try ChatTemplate(override))
      origin = .override
    } else if metadata["tokenizer.chat_template"] != nil {
      parsed = Self.template(in: metadata)
      origin = .file
    } else {
      parsed = .success(try ChatTemplate(Self.fallback(for: tokenizer)))
      origin = .fallback
    }
    self.tokenizer = tokenizer
    file = metadata.file
    thinking = (try? parsed.get()).flatMap { ThinkingFormat(template: $0, tokenizer: tokenizer) }
  }

  private static func template(in metadata: Metadata) -> Result<ChatTemplate, GGUFError> {
    let source: String
    do { source = try metadata.string("tokenizer.chat_template") ?? "" } catch {
      return .failure(
        GGUFError(
          file: error.file, place: error.place,
          "\(error.problem), or give another template with --template"))
    }
    do { return .success(try ChatTemplate(source)) } catch {
      let place = error.position.map { ", line \($0.line), column \($0.column)" } ?? ""
      return .failure(
        GGUFError(
          file: metadata.file, place: "key “tokenizer.chat_template”\(place)",
          "\(error.message): give another template with --template"))
    }
  }

  /// The template in use, for people.
  public enum Source: Sendable, Hashable {
    case file, override
    /// ChatML, or a dialogue in plain text, since the file has none.
    case guessedChatML, guessedPlain

    /// `the file's template`.
    public var description: String {
      switch self {
      case .file: "the file's template"
      case .override: "the template of --template"
      case .guessedChatML: "ChatML, a guess: the file has no template"
      case .guessedPlain: "a plain dialogue, a guess: the file has no template"
      }
    }
  }

  /// The template in use.
  public var source: Source {
    switch origin {
    case .file: .file
    case .override: .override
    case .fallback: isPlain ? .guessedPlain : .guessedChatML
    }
  }

  /// The template.
  ///
  /// - Throws: ``GGUFError`` where the file's cannot be parsed.
  public func template() throws(GGUFError) -> ChatTemplate { try parsed.get() }

  /// Whether turns are plain text without control tokens, so that an answer ends where the text of the next
  /// turn begins.
  public var isPlain: Bool { origin == .fallback && !Self.hasChatML(tokenizer) }

  /// The template of files without one: ChatML where the vocabulary has its tokens; else a dialogue in plain
  /// text, which models without chat training continue best.
  private static func fallback(for tokenizer: Tokenizer) -> String {
    hasChatML(tokenizer) ? ChatTemplate.chatML : plain
  }

  private static func hasChatML(_ tokenizer: Tokenizer) -> Bool {
    tokenizer.encode([TextRun("<|im_start|>", isMarkup: true)]).count == 1
  }

  private static let plain = """
    {{ bos_token }}{% for message in messages %}{% if message.role == 'system' %}\
    {{ message.content | trim }}

    {% else %}\
    {{ 'Assistant' if message.role == 'assistant' else 'User' }}: {{ message.content | trim }}
    {% endif %}{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}
    """

  /// The tokens of a rendered conversation.
  ///
  /// The contents of messages are kept apart from the template's own text, and never become control tokens.
  ///
  /// - Parameters:
  ///   - capacity: Positions of the context that the tokens are for; a text that is too long for it in any case
  ///     is refused before it becomes tokens.
  ///   - choices: Whether the model shall think, and variables of the template.
  ///   - isAnswered: Whether the conversation is complete, not ready for the model's answer.
  ///   - beginning: The part of the answer that is there already.
  /// - Throws: ``RenderError`` when the template cannot be parsed, refuses the conversation, or fails;
  ///   ``ContextError``.
  public func tokens(
    _ messages: [ChatMessage], choices: PromptChoices = PromptChoices(), capacity: Int = .max,
    isAnswered: Bool = false, continuing beginning: AnswerBeginning? = nil
  ) throws -> [Token] {
    let template: ChatTemplate, segments: [Segment]
    do { template = try self.template() } catch { throw RenderError(description: "\(error)") }
    do {
      segments = try template.render(variables(messages, choices, isAnswered: isAnswered))
    } catch {
      let place = origin == .file ? file.map { "\($0): " } : nil
      throw RenderError(description: (place ?? "") + "\(error)")
    }
    var runs = segments.map { TextRun($0.text, isMarkup: !$0.isContent) }
    if let text = beginning?.text, !text.isEmpty {
      // In plain text a space follows the colon.
      if let thinking, thinking.opens(tokenizer.encode(runs), tokenizer) {
        // What people wrote is no thought.
        runs.append(TextRun(thinking.closingText, isMarkup: true))
      }
      runs.append(TextRun((isPlain ? " " : "") + text, isMarkup: false))
    }
    try tokenizer.checkLength(runs.reduce(0) { $0 + $1.text.utf8.count }, capacity: capacity)
    let drawn = beginning?.tokenIDs ?? []
    // They may come from a file.
    guard drawn.allSatisfy({ (0..<tokenizer.vocabularySize).contains($0) }) else {
      throw RenderError(description: "the answer holds tokens that the model does not have")
    }
    var tokens = tokenizer.encode(runs) + drawn.map { Token($0) }
    if tokenizer.addsBOS, let bos = tokenizer.bos, tokens.first != bos { tokens.insert(bos, at: 0) }
    return tokens
  }

  /// A message as the template takes it.
  private func value(_ message: ChatMessage) -> Value {
    let content = Value.content(message.content)
    if message.role == .assistant, !message.reasoning.isEmpty, let key = thinking?.key {
      return key.message(content: content, thought: .content(message.reasoning))
    }
    return ["role": .markup(message.role.rawValue), "content": content]
  }

  /// Why a choice of thinking cannot be had of this model, in one line; nil where it can.
  public func refusal(of choice: Think) -> String? { ThinkingFormat.refusal(of: choice, by: thinking) }

  /// The variables of the template for what was chosen.
  public func variables(_ choices: PromptChoices) -> [Text: Value] {
    let think = choices.think.flatMap { thinking?.control.variables(for: $0) } ?? [:]
    return think.merging(choices.values) { _, own in own }
  }

  /// Everything that the template is rendered with; what people set wins.
  func variables(
    _ messages: [ChatMessage], _ choices: PromptChoices, isAnswered: Bool
  ) -> [Text: Value] {
    var variables: [Text: Value] = [
      "messages": .list(messages.map(value)), "add_generation_prompt": .bool(!isAnswered),
      "bos_token": .markup(text(tokenizer.bos)), "eos_token": .markup(text(tokenizer.eos)),
    ]
    variables.merge(self.variables(choices)) { _, chosen in chosen }
    return variables
  }

  /// A conversation that could not be rendered: the file, where the template is its own, and the reason.
  public struct RenderError: Error, CustomStringConvertible {
    public let description: String
  }

  /// The text of a token that templates write, such as `<s>`; empty when the model has none.
  public func text(_ token: Token?) -> String {
    token.map { String(decoding: tokenizer.decode([$0], special: true), as: UTF8.self) } ?? ""
  }
}
