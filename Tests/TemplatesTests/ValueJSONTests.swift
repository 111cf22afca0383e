import Testing

@testable import Templates

struct ValueJSONTests {
  @Test func keepsOrderAndKinds() throws {
    let value = try Value(
      json: #" {"z": 1, "a": [1.0, -2e3, true, false, null, "x"], "é\u00e9": {}, "n": -9223372036854775808} "#
    )
    #expect(
      value == [
        "z": 1, "a": [1.0, -2000.0, true, false, .null, .markup("x")], "éé": [:], "n": .int(.min),
      ])
    guard case .dict(let entries) = value else { return }
    #expect(entries.keys.map(\.string) == ["z", "a", "éé", "n"])
  }

  @Test func readsEscapes() throws {
    #expect(try Value(json: #""\"\\\/\b\f\n\r\t\u0041\ud83d\ude42""#) == .markup("\"\\/\u{8}\u{c}\n\r\tA🙂"))
    // Lone surrogates are no characters.
    #expect(try Value(json: #""a\ud83d""#) == .markup("a\u{FFFD}"))
    #expect(try Value(json: #""\ude42\ud83d\u0041""#) == .markup("\u{FFFD}\u{FFFD}A"))
  }

  @Test func ofARepeatedKeyTheLastCounts() throws {
    #expect(try Value(json: #"{"a": 1, "b": 2, "a": 3}"#) == ["a": 3, "b": 2])
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:2}",
    "tru", "nul", "01", "1.", "1e",
    "-", "+1", ".5", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "1 2", "[1] x",
    "'a'", "NaN", "Infinity",
    "9223372036854775808", "\u{FEFF}1",
  ])
  func refusesWhatIsNotJSON(_ text: String) {
    #expect(throws: TemplateError.self) { try Value(json: text) }
  }

  @Test func saysWhereItIsWrong() {
    #expect(throws: TemplateError("unexpected '}' at line 2, column 8 of the JSON values")) {
      try Value(json: "{\"é\": 1,\n  \"b\": }")
    }
  }

  @Test func refusesDeepNesting() {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(throws: TemplateError.self) { try Value(json: deep) }
    #expect(throws: TemplateError.self) { try Value(json: String(repeating: "{\"a\":", count: 100_000)) }
  }
}
