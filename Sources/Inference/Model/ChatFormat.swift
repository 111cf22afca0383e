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
  /// The template.
  public let template: ChatTemplate
  /// The source of the template.
  public let origin: Origin
  private let tokenizer: Tokenizer
  /// The model's file, for errors.
  private let file: String?

  /// A source of templates: the model's file, the user, or this program where the file has none.
  public enum Origin: Sendable, Hashable { case file, override, fallback }

  /// - Parameter override: Jinja source that replaces the file's template.
  /// - Throws: ``GGUFError`` when the file's template cannot be parsed, ``TemplateError`` when the override
  ///   cannot.
  public init(metadata: Metadata, tokenizer: Tokenizer, override: String? = nil) throws {
    if let override {
      template = try ChatTemplate(override)
      origin = .override
    } else if let source = try metadata.string("tokenizer.chat_template") {
      do { template = try ChatTemplate(source) } catch {
        let place = error.position.map { ", line \($0.line), column \($0.column)" } ?? ""
        throw GGUFError(
          file: metadata.file, place: "key “tokenizer.chat_template”\(place)",
          "\(error.message): give another template with --template")
      }
      origin = .file
    } else {
      template = try ChatTemplate(Self.fallback(for: tokenizer))
      origin = .fallback
    }
    self.tokenizer = tokenizer
    file = metadata.file
  }

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
  ///   - isAnswered: Whether the conversation is complete, not ready for the model's answer.
  /// - Throws: ``RenderError`` when the template refuses the conversation, or fails; ``ContextError``.
  public func tokens(
    _ messages: [ChatMessage], capacity: Int = .max, isAnswered: Bool = false
  ) throws -> [Token] {
    let segments: [Segment]
    do {
      segments = try template.render(
        messages: messages.map { (role: $0.role.rawValue, content: $0.content) },
        addGenerationPrompt: !isAnswered,
        bosToken: text(tokenizer.bos), eosToken: text(tokenizer.eos))
    } catch { throw RenderError(file: origin == .file ? file : nil, reason: error) }
    try tokenizer.checkLength(segments.reduce(0) { $0 + $1.text.utf8.count }, capacity: capacity)
    var tokens = tokenizer.encode(segments.map { TextRun($0.text, isMarkup: !$0.isContent) })
    if tokenizer.addsBOS, let bos = tokenizer.bos, tokens.first != bos { tokens.insert(bos, at: 0) }
    return tokens
  }

  /// A conversation that could not be rendered: the reason, and the source of the template.
  public struct RenderError: Error, CustomStringConvertible {
    /// The model's file; nil when the template is not the file's.
    let file: String?
    let reason: TemplateError
    public var description: String { (file.map { "\($0): " } ?? "") + "\(reason)" }
  }

  /// The text of a token that templates write, such as `<s>`; empty when the model has none.
  public func text(_ token: Token?) -> String {
    token.map { String(decoding: tokenizer.decode([$0], special: true), as: UTF8.self) } ?? ""
  }
}
