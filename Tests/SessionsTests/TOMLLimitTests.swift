import Foundation
import TOMLKit
import Testing

@testable import Sessions

/// TOML files are measured before their parser sees them.
@Suite struct TOMLLimitTests {
  private func excess(_ text: String) -> TOMLLimitError? {
    do {
      _ = try TOMLTable(checking: text)
      return nil
    } catch {
      return error as? TOMLLimitError
    }
  }

  private func nested(_ levels: Int) -> String {
    "a = " + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
  }

  private func dotted(_ parts: Int) -> String {
    (0..<parts).map { "k\($0)" }.joined(separator: ".")
  }

  @Test func whatIsWithinTheLimitsIsRead() throws {
    for text in [
      nested(16), dotted(8) + " = 1", "[" + dotted(8) + "]\na = 1",
      String(repeating: "a", count: 256) + " = 1", "a = '\(String(repeating: "x", count: 1 << 20))'",
      (0..<9999).map { "[t\($0)]\n" }.joined(), "a = [1.5, 2.5]  # [[[[[[[[[[[[[[[[[[[[[[",
      "a = \"[[[[[[[[[[[[[[[[[[[[ \\\" [\"\nb = '[[[[[[[[[[[[[[[[[[[['\nc = \"\"",
      "a = \"\"\"\n[[[[[[[[[[[[[[[[[[[[[ \" \"\" \\\"\"\"\n\"\"\"\"\"\nb = '''[[[[[[[[[[[[[[[[[[[[''''",
    ] {
      #expect(excess(text) == nil, "\(text.prefix(60))")
    }
    let table = try TOMLTable(checking: "a = \"\"\"\nx\"\"\"\"\"\nb.c = [{d = 1}]")
    #expect(table["a"]?.string == "x\"\"" && table["b"]?.table?["c"]?.array?.count == 1)
  }

  @Test func whatIsBeyondThemIsRefusedWithItsLine() {
    for (text, line, what) in [
      ("\n" + nested(17), 2, "nested deeper than 16"),
      ("a = 1\nb = \"\"\"\n\n\"\"\"\n" + dotted(9) + " = 1", 5, "8 parts"),
      ("[" + dotted(9) + "]", 1, "8 parts"),
      (String(repeating: "a", count: 257) + " = 1", 1, "256 bytes without quotes"),
      ("a = '\(String(repeating: "x", count: (1 << 20) + 2))'", 1, "a text of more than"),
      ((0...10_000).map { "[t\($0)]\n" }.joined(), 10_001, "10000 tables"),
      ("a = 1\0", 1, "NUL"), (String(repeating: "#", count: (4 << 20) + 1), 1, "4194304"),
    ] {
      let error = excess(text)
      #expect(error?.line == line && error?.description.contains(what) == true, "\(what): \(error as Any)")
    }
  }

  @Test func filesSayWhere() throws {
    let error = #expect(throws: FileError.self) {
      try TOMLDocument("model = 'x'\n" + nested(17), path: "settings.toml")
    }
    #expect(error?.description == "settings.toml:2:21: nested deeper than 16 levels")
    #expect(throws: TOMLParseError.self) { try TOMLTable(checking: "a = ") }
  }

  /// Each of many mistakes is found without reading the file again.
  @Test func manyMistakesAreNamedInTime() throws {
    let count = 5000
    let text = (0..<count).map { "unknown\($0) = 1\n" }.joined()
    let time = try ContinuousClock().measure {
      let warnings = try Settings.read(TOMLDocument(text, path: "settings.toml")).warnings
      #expect(warnings.count == count)
      #expect(warnings.contains { $0.hasPrefix("settings.toml:5000:1: unknown setting “unknown4999”") })
    }
    #expect(time < .seconds(20), "\(time)")
  }

  /// What the guard of brackets lets through: names of tables of every kind, arrays, brackets in texts and comments.
  @Test func soundBracketsPass() throws {
    let text = """
      # [
      a = [
        [1, 2],
        [],
      ]
      b = "["
      [ t-1 ]
      [[ "quoted" ]]
      ['other'.sub]
      [_x]
      [9]
      """
    let table = try TOMLTable(checking: text)
    #expect(Set(table.keys) == ["a", "b", "t-1", "quoted", "other", "_x", "9"])
  }
}
