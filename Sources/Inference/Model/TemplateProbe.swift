import Templates
import Tokenization

/// Finds out what a template does with thoughts, by rendering small conversations: what its source looks like
/// tells less.
struct TemplateProbe {
  private let template: ChatTemplate
  private let basic: [Text: Value]

  init(_ template: ChatTemplate, tokenizer: Tokenizer) {
    self.template = template
    func text(_ token: Token?) -> Value {
      .markup(token.map { String(decoding: tokenizer.piece($0, special: true), as: UTF8.self) } ?? "")
    }
    basic = ["bos_token": text(tokenizer.bos), "eos_token": text(tokenizer.eos)]
  }

  private static let question = "PARE-QUESTION", thought = "PARE-THOUGHT", content = "PARE-CONTENT"

  private func render(_ variables: [Text: Value]) -> String? {
    let now = LocalTime(year: 2026, month: 1, day: 1)
    let all = basic.merging(variables) { _, own in own }
    return (try? template.render(all, now: now))?.map(\.text).joined()
  }

  /// A conversation of a question and, where there is one, an answer.
  private func conversation(_ answer: Value?, goesOn: Bool = false) -> [Text: Value] {
    let user: Value = ["role": .markup("user"), "content": .markup(Self.question)]
    let messages = [user] + (answer.map { [$0] } ?? []) + (goesOn ? [user] : [])
    return ["messages": .list(messages), "add_generation_prompt": .bool(answer == nil || goesOn)]
  }

  // MARK: The name of a thought

  /// The name that the template reads; nil for none that it shows anywhere.
  func thoughtKey() -> ThoughtKey? {
    let names = ["reasoning_content", "thinking", "reasoning", "thought"].filter(template.source.contains)
    let keys = names.map { ThoughtKey.member($0) } + (names.contains("thinking") ? [.chunks] : [])
    return keys.first { key in
      let answer = key.message(content: .markup(Self.content), thought: .markup(Self.thought))
      return [true, false].contains { goesOn in
        render(conversation(answer, goesOn: goesOn)).map {
          $0.contains(Self.thought) && $0.contains(Self.content)
        } == true
      }
    }
  }

  /// What the template writes between a thought and the content.
  func textAfterThought(_ key: ThoughtKey) -> String? {
    let answer = key.message(content: .markup(Self.content), thought: .markup(Self.thought))
    guard let text = render(conversation(answer)), let start = text.firstRange(of: Self.thought),
      let end = text[start.upperBound...].firstRange(of: Self.content)
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  // MARK: Switches

  /// What the template can switch.
  func control() -> ThinkingControl {
    typealias Literal = ThinkingControl.Literal
    func prompt(_ variables: [String: Literal]) -> String? {
      render(
        conversation(nil).merging(
          variables.map { (Text($0.key), $0.value.value) }, uniquingKeysWith: { $1 }))
    }
    func isKnown(_ name: String) -> Bool { template.source.contains(name) }
    var control = ThinkingControl()
    guard let plain = prompt([:]) else { return control }

    let switches: [(name: String, on: Literal, off: Literal)] = [
      ("enable_thinking", .bool(true), .bool(false)), ("thinking", .bool(true), .bool(false)),
      ("reasoning", .bool(true), .bool(false)), ("thinking_mode", .text("enabled"), .text("disabled")),
      ("thinking_option", .text("on"), .text("off")),
    ]
    for (name, on, off) in switches where isKnown(name) {
      guard let with = prompt([name: on]), let without = prompt([name: off]), with != without else {
        continue
      }
      control.settings[.on] = with == plain ? [:] : [name: on]
      control.settings[.off] = without == plain ? [:] : [name: off]
      break
    }
    if control.settings[.off] == nil, isKnown("thinking_budget"),
      let without = prompt(["thinking_budget": .int(0)]), without != plain
    {
      control.settings = [.on: [:], .off: ["thinking_budget": .int(0)]]
    }
    addLevels(to: &control, prompt: prompt)
    return control
  }

  private func addLevels(
    to control: inout ThinkingControl, prompt: ([String: ThinkingControl.Literal]) -> String?
  ) {
    let on = control.settings[.on] ?? [:]
    let levels: [(think: Think, text: String)] = [(.low, "low"), (.medium, "medium"), (.high, "high")]
    for name in ["reasoning_effort", "thinking_effort", "reasoning_strength"]
    where template.source.contains(name) {
      func prompted(_ text: String) -> String? { prompt(on.merging([name: .text(text)]) { $1 }) }
      // A value that no template knows shows what it makes of any other.
      let other = prompted("PARE-LEVEL")?.replacing("PARE-LEVEL", with: "")
      let texts = levels.map { level in prompted(level.text).map { (level.think, level.text, $0) } }
        .compactMap { $0 }
      guard Set(texts.map(\.2)).count > 1 else { continue }
      for (think, text, rendered) in texts
      where rendered.replacing(text, with: "") != other || texts.count > 1 {
        control.settings[think] = on.merging([name: .text(text)]) { $1 }
      }
      if control.settings[.off] == nil {
        for text in ["none", "no_think"] {
          guard let off = prompted(text),
            off.contains("think") != texts[0].2.contains("think") || text == "no_think"
          else { continue }
          guard template.source.contains("\(text)'") || template.source.contains("\(text)\"") else {
            continue
          }
          control.settings[.off] = [name: .text(text)]
          break
        }
      }
      return
    }
  }
}

extension ThoughtKey {
  /// An answer as the template takes it.
  func message(content: Value, thought: Value) -> Value {
    switch self {
    case .member(let name): ["role": .markup("assistant"), "content": content, Text(name): thought]
    case .chunks:
      [
        "role": .markup("assistant"),
        "content": [
          ["type": .markup("thinking"), "thinking": thought], ["type": .markup("text"), "text": content],
        ],
      ]
    }
  }
}
