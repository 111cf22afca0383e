import Terminal

/// The little of Markdown that makes an answer easier to read: fenced code, headings, lists, emphasis and
/// code in a line. Malformed marks stay as they were written.
enum Markdown {
  /// One line of a text, ready to be wrapped.
  struct Block: Equatable {
    /// Before the first row, such as `• `; later rows are indented by its width.
    var marker: Line = []
    /// Before every row.
    var margin: Line = []
    var content: Line
  }

  /// Reads one line; `isCode` says whether it starts inside a fenced block, and is updated.
  static func block(_ line: Substring, isCode: inout Bool) -> Block {
    let body = line.drop { $0 == " " }
    if body.hasPrefix("```") {
      isCode.toggle()
      let language = body.drop { $0 == "`" }
      return Block(content: [Span(isCode ? "┌╴" : "└╴", .faint), Span(String(language), .faint)])
    }
    if isCode { return rest(of: line, isCode: true) }
    let level = body.prefix { $0 == "#" }.count
    if (1...6).contains(level), body.dropFirst(level).first == " " {
      return Block(content: [Span(String(body.dropFirst(level + 1)).replacing("**", with: ""), .heading)])
    }
    if let (marker, rest) = listItem(body) {
      let spaces = line.utf8.distance(from: line.startIndex, to: body.startIndex)
      let indent = String(repeating: " ", count: min(spaces, 12))
      return Block(marker: [Span(indent + marker, .strong)], content: inline(rest))
    }
    if body.hasPrefix("> ") { return Block(margin: [Span("▏ ", .faint)], content: inline(body.dropFirst(2))) }
    return Block(content: inline(line))
  }

  /// Reads a line in which nothing is special but what is inside lines, such as the second part of a long one.
  static func rest(of line: Substring, isCode: Bool) -> Block {
    isCode
      ? Block(margin: [Span("│ ", .faint)], content: [Span(String(line), .codeBlock)])
      : Block(content: inline(line))
  }

  private static func listItem(_ body: Substring) -> (marker: String, rest: Substring)? {
    if body.hasPrefix("- ") || body.hasPrefix("* ") || body.hasPrefix("+ ") {
      return ("• ", body.dropFirst(2))
    }
    let digits = body.prefix { $0.isASCII && $0.isNumber }
    let rest = body.dropFirst(digits.count)
    guard (1...3).contains(digits.count), rest.hasPrefix(". ") || rest.hasPrefix(") ") else { return nil }
    return (digits + rest.prefix(2).description, rest.dropFirst(2))
  }

  /// `**strong**` and `` `code` `` inside a line; marks without a partner stay.
  static func inline(_ text: Substring) -> Line {
    var line: Line = []
    var marks = Marks(text)
    var plain = 0
    var index = 0
    func flush(_ end: Int) {
      if plain < end { line.append(Span(marks.text(plain..<end))) }
    }
    while let mark = marks.next(from: index) {
      if let end = marks.endOfCode(from: mark) {
        flush(mark)
        line.append(Span(marks.text(mark..<end + 1), .code))
        index = end + 1
        plain = index
      } else if let end = marks.endOfStrong(from: mark) {
        flush(mark)
        line.append(Span(marks.text(mark + 2..<end), .strong))
        index = end + 2
        plain = index
      } else {
        index = mark + 1
      }
    }
    flush(marks.count)
    return line
  }

  /// The marks of one line, found from its start to its end in one pass however many have no partner.
  private struct Marks {
    private let bytes: [UInt8]
    /// The first mark of each kind that ends something, of those that were looked for last.
    private var nextCode = -1
    private var nextStrong = -1

    /// Bytes between two marks of a pair, at most.
    private static let reach = 400
    private static let code = UInt8(ascii: "`")
    private static let star = UInt8(ascii: "*")

    init(_ text: Substring) { bytes = Array(text.utf8) }

    var count: Int { bytes.count }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The next byte that may begin a mark.
    func next(from index: Int) -> Int? {
      bytes[index...].firstIndex { $0 == Self.code || $0 == Self.star }
    }

    /// The mark that closes the code which begins with the mark at `start`.
    mutating func endOfCode(from start: Int) -> Int? {
      guard bytes[start] == Self.code else { return nil }
      if nextCode <= start { nextCode = bytes[(start + 1)...].firstIndex(of: Self.code) ?? count }
      return nextCode < count && (2...Self.reach).contains(nextCode - start) ? nextCode : nil
    }

    /// The mark that closes the emphasis which begins with the mark at `start`: it follows a character that
    /// is no space.
    mutating func endOfStrong(from start: Int) -> Int? {
      let first = start + 2
      guard first < count, bytes[start] == Self.star, bytes[start + 1] == Self.star,
        bytes[first] != UInt8(ascii: " "), bytes[first] != Self.star
      else { return nil }
      if nextStrong <= first {
        nextStrong =
          bytes[first...].indices.dropLast().first {
            bytes[$0] == Self.star && bytes[$0 + 1] == Self.star && bytes[$0 - 1] != UInt8(ascii: " ")
          } ?? count
      }
      return nextStrong < count && nextStrong - first < Self.reach ? nextStrong : nil
    }
  }

  /// The content of the last fenced block; one that is still open counts.
  static func lastCodeBlock(_ text: String) -> String? {
    var block: [Substring]?
    var open: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        if let closed = open { block = closed }
        open = open == nil ? [] : nil
      } else {
        open?.append(line)
      }
    }
    return (open ?? block)?.joined(separator: "\n")
  }
}
