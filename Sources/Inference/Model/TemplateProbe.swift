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

  /// The name under which the template reads a thought; nil for none.
  ///
  /// - Parameter thinking: The variables that make the model think.
  func thoughtKey(_ thinking: [Text: Value]) -> ThoughtKey? {
    let names = ["reasoning_content", "thinking", "reasoning", "thought"].filter(template.source.contains)
    let keys = names.map { ThoughtKey.member($0) } + (names.contains("thinking") ? [.chunks] : [])
    if let key = keys.first(where: { textAfterThought($0, thinking) != nil }) { return key }
    // Some show a thought only beside calls of tools, or where a variable says so.
    return ["reasoning_content", "reasoning"].first { name in
      ["'\(name)'", "\"\(name)\"", ".\(name)"].contains(where: template.source.contains)
    }.map { .member($0) }
  }

  /// What the template writes between a thought and the content; nil where it shows no thought.
  func textAfterThought(_ key: ThoughtKey, _ thinking: [Text: Value]) -> String? {
    let answer = key.message(content: .markup(Self.content), thought: .markup(Self.thought))
    for variables in [[:], thinking] {
      for goesOn in [false, true] {
        let all = conversation(answer, goesOn: goesOn).merging(variables) { $1 }
        guard let text = render(all), let start = text.firstRange(of: Self.thought),
          let end = text[start.upperBound...].firstRange(of: Self.content)
        else { continue }
        let between = text[start.upperBound..<end.lowerBound]
        // A list that is printed whole is not understood.
        if between.first != "'", between.first != "\"" { return String(between) }
      }
    }
    return nil
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
    for name in ["reasoning_effort", "thinking_effort", "reasoning_strength"]
    where template.source.contains(name) {
      func prompted(_ text: String) -> (text: String, prompt: String)? {
        prompt(on.merging([name: .text(text)]) { $1 }).map { (text, $0) }
      }
      /// Whether two values give the same but for their names.
      func isSame(_ a: (text: String, prompt: String), _ b: (text: String, prompt: String)) -> Bool {
        [a, b].allSatisfy { !$0.prompt.isEmpty }
          && a.prompt.replacing(a.text, with: "").replacing(b.text, with: "")
            == b.prompt.replacing(a.text, with: "").replacing(b.text, with: "")
      }
      let levels = [Think.low, .high, .medium].compactMap { level in
        prompted(level.rawValue).map { (level, $0) }
      }
      // A template that refuses a level that nobody knows, or writes any, tells levels apart by their names.
      let other = prompted("PARE-LEVEL")
      let areNames =
        other.map { other in
          other.prompt.contains(other.text) && levels.allSatisfy { isSame($0.1, other) }
        } ?? true
      let distinct = levels.indices.filter { index in
        areNames || !levels[..<index].contains { isSame($0.1, levels[index].1) }
      }.map { levels[$0] }
      guard distinct.count > 1 else { continue }
      for (level, _) in distinct {
        control.settings[level] = on.merging([name: .text(level.rawValue)]) { $1 }
      }
      if control.settings[.off] == nil, let off = ["none", "no_think"].first(where: isQuoted),
        prompted(off) != nil
      {
        control.settings[.off] = [name: .text(off)]
      }
      return
    }
  }

  private func isQuoted(_ text: String) -> Bool {
    template.source.contains("'\(text)'") || template.source.contains("\"\(text)\"")
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
