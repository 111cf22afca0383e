import Foundation
import Testing

@testable import IO

@Suite struct TextTests {
  @Test func sanitizing() {
    #expect("plain\ttext\n".sanitized == "plain\ttext\n")
    #expect("\u{1B}[31mred\u{1B}]0;title\u{7}".sanitized == "[31mred]0;title")
    #expect("a\r\nb\u{8}".sanitized == "a\nb")
    #expect("\u{9B}31m\u{85}".sanitized == "31m")
    #expect("abc\u{202E}dcb\u{2066}\u{200F}".sanitized == "abcdcb")
    #expect("hi\u{E0068}\u{E0069}".sanitized == "hi")
    #expect("é日👨‍👩‍👧\u{7F}".sanitized == "é日👨‍👩‍👧")
  }

  /// A name out of a file cannot begin a line that looks like the program's own.
  @Test func oneLineStaysOne() {
    #expect("a\nllama.block_count = 99\tb".onOneLine == #"a\nllama.block_count = 99\tb"#)
    #expect("a\r\n\u{85}\u{2028}\u{2029}b\u{B}\u{C}".onOneLine == #"a\n  b"#)
    #expect("\u{1B}[2Kpare: all is well\u{202E}".onOneLine == "[2Kpare: all is well")
    #expect("é日👨‍👩‍👧".onOneLine == "é日👨‍👩‍👧")
  }

  /// What JSON may not show is escaped, and means the same.
  @Test func jsonIsEscaped() throws {
    let texts = [
      "plain é日👨‍👩‍👧", "\u{9B}31m\u{7F}\u{85}", "a\u{202E}b\u{2066}\u{200F}\u{61C}", "\u{E0068}\u{E0069}",
    ]
    let json = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self).withHazardsEscapedForJSON
    #expect(json == json.sanitized)
    #expect(json.contains(#"\u009b31m\u007f\u0085"#) && json.contains(#"\udb40\udc68"#))
    #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == texts)
    #expect(#"{"a":"é"}"#.withHazardsEscapedForJSON == #"{"a":"é"}"#)
  }
}
