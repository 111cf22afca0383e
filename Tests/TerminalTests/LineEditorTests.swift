import Foundation
import Testing

@testable import Terminal

/// Readline is one per process, so these run one after another, and with readline's own key bindings.
@MainActor @Suite(.serialized) struct LineEditorTests {
  private let editor: LineEditor

  init() {
    setenv("INPUTRC", "/dev/null", 1)
    editor = LineEditor(application: "pare-tests")
  }

  /// Types as a terminal would send it.
  @discardableResult
  private func type(_ bytes: String) -> [LineEditor.Reaction] {
    var decoder = InputDecoder()
    return (decoder.decode(bytes.utf8) + decoder.flush()).map(editor.handle)
  }

  /// The line with a bar at the cursor.
  private var line: String {
    var text = editor.text
    text.insert("|", at: editor.cursor)
    return text
  }

  @Test func typingAndMoving() {
    type("héllo 日本")
    #expect(line == "héllo 日本|")
    type("\u{1B}[D\u{1B}[D")
    #expect(line == "héllo |日本")
    type("\u{1}X")
    #expect(line == "X|héllo 日本")
    type("\u{5}\u{7F}")
    #expect(line == "Xhéllo 日|")
    type("\u{1B}[H\u{1B}[3~\u{1B}OF")
    #expect(line == "héllo 日|")
  }

  @Test func wordsKillRingAndUndo() {
    type("one two three")
    type("\u{17}")
    #expect(line == "one two |")
    type("\u{1B}b\u{1B}d")
    #expect(line == "one | ")
    type("\u{19}")
    #expect(line == "one two| ")
    type("\u{1B}[1;5D")
    #expect(line == "one |two ")
    type("\u{15}\u{1F}")
    #expect(line == "one |two ")
  }

  @Test func submitting() {
    type("hi there")
    #expect(type("\r") == [.submitted("hi there")])
    #expect(line == "|")
    #expect(type("\r") == [.submitted("")])
    #expect(type("\u{4}") == [.endOfInput])
    type("x\u{4}")
    #expect(line == "x|")
  }

  @Test func newlines() {
    type("a\u{1B}\rb\nc\u{1B}[13;2ud")
    #expect(line == "a\nb\nc\nd|")
    #expect(type("\r") == [.submitted("a\nb\nc\nd")])
  }

  @Test func upAndDownMoveInsideTheTextFirst() {
    type("earlier\r")
    type("first line\nsec\nthird")
    type("\u{1B}[A")
    #expect(line == "first line\nsec|\nthird")
    type("\u{1B}[A")
    #expect(line == "fir|st line\nsec\nthird")
    type("\u{1B}[B\u{1B}[B")
    #expect(line == "first line\nsec\nthi|rd")
    type("\u{1B}[A\u{1B}[A\u{1B}[A")
    #expect(line == "earlier|")
    type("\u{1B}[B")
    #expect(editor.text == "first line\nsec\nthird")
  }

  @Test func upKeepsTheColumnInCells() {
    type("日本語\nabcd")
    type("\u{1B}[A")
    #expect(line == "日本|語\nabcd")
  }

  /// Home, End and the keys that kill keep to the line of the message, and go on at its ends.
  @Test func linesOfAMessageHaveEnds() {
    type("one two\nthree four\nfive")
    type("\u{1B}[A\u{1B}[H")
    #expect(line == "one two\n|three four\nfive")
    type("\u{1B}[F")
    #expect(line == "one two\nthree four|\nfive")
    type("\u{1B}[F")
    #expect(line == "one two\nthree four\nfive|")
    type("\u{1B}[H\u{1B}[H")
    #expect(line == "|one two\nthree four\nfive")
    type("\u{1B}f\u{B}")
    #expect(line == "one|\nthree four\nfive")
    type("\u{B}")
    #expect(line == "one|three four\nfive")
    type("\u{19}")
    #expect(line == "one two\n|three four\nfive")
    type("\u{1B}[B\u{15}")
    #expect(line == "one two\nthree four|five")
    type("\u{15}")
    #expect(line == "one two\n|five")
    type("\u{19}")
    #expect(line == "one two\nthree four\n|five")
  }

  @Test(arguments: [
    ("the sky is blue", 8, ["› the ", "  sky is", "  blue"], Point(x: 6, y: 2)),
    ("a verylongword", 8, ["› a ", "  verylo", "  ngword"], Point(x: 2, y: 3)),
    ("ab cd ", 7, ["› ab cd", "  "], Point(x: 2, y: 1)),
    // A space that would begin a row hangs over the edge.
    ("abcde fgh", 7, ["› abcde", "  fgh"], Point(x: 5, y: 1)),
    ("abcde   ", 7, ["› abcde", "  "], Point(x: 2, y: 1)),
    ("no 日本語", 7, ["› no 日", "  本語"], Point(x: 6, y: 1)),
    ("x\n  y z", 7, ["› x", "    y z"], Point(x: 2, y: 2)),
  ])
  func wordsWrap(text: String, width: Int, rows: [String], cursor: Point) {
    _ = editor.handle(.paste(text))
    let layout = editor.layout(prompt: "› ", width: width)
    // The last row may be the one that the cursor alone is on.
    #expect(Array(layout.rows.prefix(rows.count)) == rows && layout.rows.count <= rows.count + 1)
    #expect(layout.cursor == cursor)
    // Wherever the cursor is, the rows are the same, and it is on its character.
    for index in text.indices {
      editor.cursor = index
      let moved = editor.layout(prompt: "› ", width: width)
      #expect(moved.rows == rows.filter { $0.contains { $0 != " " } })
      #expect(moved.cursor.x < width && moved.cursor.y < moved.rows.count)
      let character = String(text[index])
      if character.first?.isWhitespace == false {
        let row = Substring(moved.rows[moved.cursor.y])
        var column = 0
        let shown = row.first { shown in
          defer { column += String(shown).cellWidth }
          return column == moved.cursor.x
        }
        #expect(shown.map(String.init) == character, "\(text) \(moved)")
      }
    }
  }

  @Test func pasting() {
    type("ab\u{2}")
    #expect(editor.handle(.paste("X\nY\u{0}")) == .edited)
    #expect(line == "aX\nY|b")
    type("\u{1F}")
    #expect(line == "a|b")
    let long = String(repeating: "日本\n", count: 20_000)
    _ = editor.handle(.paste(long))
    #expect(editor.text == "a" + long + "b")
  }

  @Test func searchShowsItsPrompt() {
    type("the sky is blue\rthé sea\rother\r")
    type("\u{12}")
    #expect(editor.prompt == "(reverse-i-search)`': ")
    type("sk")
    #expect(editor.prompt == "(reverse-i-search)`sk': ")
    #expect(editor.text == "the sky is blue")
    type("\u{7F}\u{7F}thé")
    #expect(editor.text == "thé sea")
    #expect(editor.layout(prompt: "› ", width: 40).rows == ["(reverse-i-search)`thé': thé sea"])
    type("\u{1B}")
    #expect(editor.prompt == "")
    #expect(editor.text == "thé sea")
    type("\u{15}\u{12}blue")
    #expect(type("\r") == [.submitted("the sky is blue")])
    type("\u{12}zzz\u{7}")
    #expect(editor.prompt == "")
    #expect(line == "|")
    type("\u{12}sea")
    _ = editor.handle(.paste("!"))
    #expect(editor.prompt == "")
    #expect(editor.text.contains("!"))
  }

  @Test func clearEndsEverything() {
    type("abc\r")
    type("\u{12}ab")
    editor.clear()
    #expect(editor.prompt == "")
    #expect(line == "|")
    type("\u{1B}3")
    #expect(editor.prompt.contains("arg"))
    editor.clear()
    type("x")
    #expect(line == "x|")
    type("\u{1F}\u{1F}\u{1F}")
    #expect(line == "|")
  }

  @Test func keysForTheCallerAreIgnored() {
    type("abc")
    for bytes in [
      "\t", "\u{1B}", "\u{1B}[5~", "\u{1B}[15~", "\u{1B}[Z", "\u{1B}OP", "\u{1B}[<0;1;1M", "\u{1B}ö",
    ] {
      #expect(type(bytes) == [.ignored], "\(bytes.debugDescription)")
    }
    #expect(line == "abc|")
    type("d")
    #expect(line == "abcd|")
  }

  @Test func completionReplaces() {
    type("/dr x")
    editor.cursor = editor.text.index(editor.text.startIndex, offsetBy: 3)
    editor.replace(editor.text.startIndex..<editor.cursor, with: "/drop")
    #expect(line == "/drop| x")
    type("\u{1F}")
    #expect(editor.text == "/dr x")
    editor.text = "日本"
    #expect(line == "日本|")
  }

  @Test func viMode() {
    type("\u{1B}\n")  // C-M-j: vi-editing-mode
    #expect(editor.mode == .viInsert)
    type("one two three")
    type("\u{1B}")
    #expect(editor.mode == .viCommand)
    type("bbdwi")
    #expect(editor.mode == .viInsert)
    #expect(line == "one |three")
    type("x\u{1B}0x")
    #expect(editor.text == "ne xthree")
    #expect(type("\r") == [.submitted("ne xthree")])
    #expect(editor.mode == .viInsert)
    type("a\u{1B}\u{5}")  // C-e in command mode: emacs-editing-mode
    #expect(editor.mode == .emacs)
  }

  @Test func controlCharactersAreShownAsPictures() {
    type("a\u{16}\u{1}b")
    #expect(editor.text == "a\u{1}b")
    #expect(
      editor.layout(prompt: "> ", width: 20) == EditorLayout(rows: ["> a␁b"], cursor: Point(x: 5, y: 0)))
  }

  @Test func layoutInRows() {
    type("abcdefgh\n日本語xy")
    let layout = editor.layout(prompt: "› ", width: 7)
    #expect(layout.rows == ["› abcde", "  fgh", "  日本", "  語xy"])
    #expect(layout.cursor == Point(x: 6, y: 3))
    type("z")
    #expect(editor.layout(prompt: "› ", width: 7).cursor == Point(x: 2, y: 4))
    type("\u{1}")
    #expect(editor.layout(prompt: "› ", width: 7).cursor == Point(x: 2, y: 2))
    type("\u{1}")
    #expect(editor.layout(prompt: "› ", width: 7).cursor == Point(x: 2, y: 0))
    for width in 0...12 {
      let layout = editor.layout(prompt: "long prompt › ", width: width)
      #expect(layout.rows.allSatisfy { $0.cellWidth <= max(2, width) })
      #expect(layout.cursor.x < max(2, width) && layout.cursor.y < layout.rows.count)
    }
  }

  @Test func historyFileIsCutAndSurvivesDamage() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = HistoryFile(path: path)
    #expect(file.load() == [])
    let nasty = ["#3", "a\\nb", "\\", "x\r", "1 2", "日本\n\n", " lead"]
    for line in nasty { file.append(line) }
    #expect(file.load() == nasty)
    for number in 0..<2 * HistoryFile.limit { file.append("\(number)") }
    #expect(file.load().count == HistoryFile.limit)
    #expect(file.load().last == "\(2 * HistoryFile.limit - 1)")
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(rows.count == HistoryFile.limit)
    try Data([0x31, 0x20, 0xFF, 0x00, 0x0A, 0x0A, 0x33]).write(to: URL(fileURLWithPath: path))
    #expect(file.load() == ["\u{FFFD}", ""])
  }

  @Test func historyFileKeepsMultiLineEntries() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("history").path
    func submit(_ editor: LineEditor, _ text: String) {
      _ = editor.handle(.paste(text))
      #expect(editor.handle(.key(.enter)) == .submitted(text))
    }
    let first = LineEditor(application: "pare-tests", historyPath: path)
    submit(first, "one\n#3 of it\n\nend")
    submit(first, "two")
    submit(first, "two")
    submit(first, "   ")
    let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(permissions == 0o600)
    let second = LineEditor(application: "pare-tests", historyPath: path)
    #expect(second.handle(.key(.up)) == .edited)
    #expect(second.text == "two")
    _ = second.handle(.key(.up))
    #expect(second.text == "one\n#3 of it\n\nend")
    _ = second.handle(.key("p", .control))
    #expect(second.text == "one\n#3 of it\n\nend")
  }

  /// Whatever is typed, the cursor stays in the text and readline keeps going.
  @Test func randomKeysAreHarmless() {
    var generator = SplitMix(seed: 5)
    let words = [
      "a", "é", "日", "\u{1B}[A", "\u{1B}[B", "\u{1B}[C", "\u{1B}[D", "\u{12}", "\u{7}", "\u{17}", "\u{19}",
      "\u{1F}",
      "\u{1B}3", "\u{18}", "\u{18}\u{18}", "\u{16}", "\n", "\r", "\u{1D}", "\u{1B}\u{1D}", "\u{14}",
      "\u{1B}t", "\u{1B}u",
      "\u{F}", "\u{1B}r", "\u{1B}*", "\u{1B}?", "\u{1B}p", "\u{1B}n", "\u{13}", "\u{18}(", "\u{18})",
      "\u{18}e", "\u{1B}.",
      "\u{1B}#",
      "\u{1B}[200~p\u{1B}[201~", "\u{1B}\n", "\u{1B}", "v", "x", "d", "w", "/", "c",
    ]
    for _ in 0..<6000 {
      type(words.randomElement(using: &generator)!)
      let text = editor.text
      #expect(editor.cursor <= text.endIndex)
      _ = editor.layout(prompt: "› ", width: 20)
    }
  }
}
