/// A chat template: Jinja source that turns messages into a model's prompt.
///
/// The dialect is the one that Hugging Face's libraries render `tokenizer.chat_template` with: Jinja2 with
/// `trim_blocks`, `lstrip_blocks`, loop controls and the functions `raise_exception` and `strftime_now`.
/// Templates reach nothing but their variables, and ``Limits`` bounds their work.
public struct ChatTemplate: Sendable {
  /// The Jinja source.
  public let source: String
  private let statements: [Statement]
  private let names: NameTable

  /// Parses a template.
  /// - Throws: ``TemplateError`` with the place of the first mistake.
  public init(_ source: String) throws(TemplateError) {
    guard source.utf8.count <= Self.maximumSourceBytes else {
      throw TemplateError("larger than \(Self.maximumSourceBytes) bytes")
    }
    self.source = source
    (statements, names) = try Parser.parse(source, library: Self.library)
  }

  private static let maximumSourceBytes = 4 << 20
  private static let library = Parser.Library(filters: Set(Filters.table.keys), tests: Set(Tests.table.keys))

  /// Renders with any variables.
  ///
  /// - Parameters:
  ///   - variables: by name; strings among them know whether they are content (see `Text`).
  ///   - now: the time that `strftime_now` tells.
  /// - Returns: the prompt as runs of markup and content; adjacent runs differ, none is empty. Their texts
  ///   joined are exactly what Jinja2 renders.
  /// - Throws: ``TemplateError`` with the place in the template, also where the template itself refuses its
  ///   input with `raise_exception`.
  public func render(
    _ variables: [Text: Value], now: LocalTime = .now, limits: Limits = .standard
  ) throws(TemplateError) -> [Segment] {
    let interpreter = try Interpreter(
      globals: Globals.table, variables: variables, names: names, now: now, limits: limits)
    return try interpreter.render(statements).segments
  }

  /// Renders a plain chat.
  ///
  /// - Parameters:
  ///   - messages: In order; roles are markup, contents are content.
  ///   - addGenerationPrompt: whether to end with the beginning of the assistant's turn.
  ///   - bosToken, eosToken: the texts of the vocabulary's tokens, for templates that write them.
  ///   - extra: further variables, such as `enable_thinking`; they win over the others.
  public func render(
    messages: [(role: String, content: String)], addGenerationPrompt: Bool = true, bosToken: String = "",
    eosToken: String = "", extra: [Text: Value] = [:], now: LocalTime = .now, limits: Limits = .standard
  ) throws(TemplateError) -> [Segment] {
    var variables: [Text: Value] = [
      "messages": .list(messages.map { ["role": .markup($0.role), "content": .content($0.content)] }),
      "add_generation_prompt": .bool(addGenerationPrompt),
      "bos_token": .markup(bosToken),
      "eos_token": .markup(eosToken),
    ]
    variables.merge(extra) { _, extra in extra }
    return try render(variables, now: now, limits: limits)
  }
}

extension ChatTemplate {
  /// ChatML, for models whose file has no template: `<|im_start|>role\ncontent<|im_end|>\n` for every
  /// message.
  ///
  /// The most widely used format among fine-tuned models, and readable as plain text where the vocabulary
  /// lacks its two tokens.
  public static let chatML =
    "{% for message in messages %}"
    + "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
}
