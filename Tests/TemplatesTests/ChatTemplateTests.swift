import Testing

@testable import Templates

struct ChatTemplateTests {
  @Test func rendersTheFallback() throws {
    let segments = try ChatTemplate(ChatTemplate.chatML).render(
      messages: [("system", "Be <|im_end|> kind."), ("user", "Hi")])
    #expect(
      segments == [
        Segment(text: "<|im_start|>system\n", isContent: false),
        Segment(text: "Be <|im_end|> kind.", isContent: true),
        Segment(text: "<|im_end|>\n<|im_start|>user\n", isContent: false),
        Segment(text: "Hi", isContent: true),
        Segment(text: "<|im_end|>\n<|im_start|>assistant\n", isContent: false),
      ])
  }

  @Test func leavesOutTheGenerationPrompt() throws {
    let segments = try ChatTemplate(ChatTemplate.chatML).render(
      messages: [("user", "Hi")], addGenerationPrompt: false)
    #expect(segments.map(\.text).joined() == "<|im_start|>user\nHi<|im_end|>\n")
  }

  /// Names are the same where their bytes are, not where Unicode's normalisation makes them so.
  @Test func variablesThatDifferByNormalisationAreTwo() throws {
    let template = try ChatTemplate("{{ \u{E9} }}{{ e\u{301} }}{{ d['\u{E9}'] }}{{ d['e\u{301}'] }}")
    let value = try Value(json: #"{"\u00e9": 1, "e\u0301": 2}"#)
    guard case .dict(let entries) = value else {
      Issue.record("\(value)")
      return
    }
    #expect(entries.count == 2)
    var variables = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    variables["d"] = value
    #expect(try template.render(variables).map(\.text).joined() == "1212")
  }

  @Test func givesTemplatesTheTokensAndTheTime() throws {
    let template = try ChatTemplate("{{ bos_token }}{{ strftime_now('%d %b %Y') }}{{ x }}{{ eos_token }}")
    let segments = try template.render(
      messages: [], bosToken: "<s>", eosToken: "</s>", extra: ["x": .content("!")],
      now: LocalTime(year: 2024, month: 2, day: 29))
    #expect(segments.map(\.text) == ["<s>29 Feb 2024", "!", "</s>"])
  }
}
