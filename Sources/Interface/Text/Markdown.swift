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
  static func block(_ line: String, isCode: inout Bool) -> Block {
    let body = line.drop { $0 == " " }
    if body.hasPrefix("```") {
      isCode.toggle()
      let language = body.drop { $0 == "`" }
      return Block(content: [Span(isCode ? "┌╴" : "└╴", .faint), Span(String(language), .faint)])
    }
    if isCode { return Block(margin: [Span("│ ", .faint)], content: [Span(line, .codeBlock)]) }
    let level = body.prefix { $0 == "#" }.count
    if (1...6).contains(level), body.dropFirst(level).first == " " {
      return Block(content: [Span(String(body.dropFirst(level + 1)).replacing("**", with: ""), .heading)])
    }
    if let (marker, rest) = listItem(body) {
      let indent = String(line.prefix(min(line.count - body.count, 12)))
      return Block(marker: [Span(indent + marker, .strong)], content: inline(rest))
    }
    if body.hasPrefix("> ") { return Block(margin: [Span("▏ ", .faint)], content: inline(body.dropFirst(2))) }
    return Block(content: inline(line[...]))
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

  /// Characters between two marks of a pair, at most: looking further makes a line full of lonely marks slow.
  private static let reach = 400

  /// `**strong**` and `` `code` `` inside a line; marks without a partner stay.
  static func inline(_ text: Substring) -> Line {
    var line: Line = []
    var plain = text.startIndex
    var index = text.startIndex
    func flush(_ end: String.Index) { if plain < end { line.append(Span(String(text[plain..<end]))) } }
    while index < text.endIndex {
      let rest = text[index...]
      if rest.first == "`", let end = rest.dropFirst().prefix(reach).firstIndex(of: "`"),
        rest.index(after: index) < end
      {
        flush(index)
        line.append(Span(String(rest[index...end]), .code))
        index = text.index(after: end)
        plain = index
      } else if rest.hasPrefix("**"), let end = closingStars(rest.dropFirst(2).prefix(reach)) {
        flush(index)
        line.append(Span(String(rest.dropFirst(2)[..<end]), .strong))
        index = text.index(end, offsetBy: 2)
        plain = index
      } else {
        index = text.index(after: index)
      }
    }
    flush(text.endIndex)
    return line
  }

  /// The `**` that closes emphasis which starts with `text`: it follows a character that is no space.
  private static func closingStars(_ text: Substring) -> String.Index? {
    guard let first = text.first, first != " ", first != "*" else { return nil }
    var index = text.startIndex
    while let star = text[index...].firstIndex(of: "*") {
      let next = text.index(after: star)
      guard next < text.endIndex else { return nil }
      if text[next] == "*", text[text.index(before: star)] != " " { return star }
      index = next
    }
    return nil
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
