import Foundation
import Testing

@testable import Markdown

/// The examples of the CommonMark specification, in the file that `make check-commonmark` fetches.
@Suite struct SpecificationTests {
  struct Example: Decodable {
    var number: Int
    var text: String
    var words: [String]
  }

  static let path = ProcessInfo.processInfo.environment["PARE_COMMONMARK"]

  /// Examples that Debian's cmark-gfm reads otherwise than the present specification, which is younger: a number of an
  /// entity that is too large, and which signs are punctuation; and images whose text has marks or links of its own,
  /// which HTML drops and a terminal can show.
  static let others: Set<Int> = [28, 354, 520, 573, 574, 575, 576, 577, 585, 589]

  private func read(_ pieces: [String]) -> [MarkdownBlock] {
    func read(_ reader: inout MarkdownReader) -> [MarkdownBlock] {
      pieces.flatMap { reader.append($0) } + reader.open
    }
    var reader = MarkdownReader()
    let blocks = read(&reader)
    guard let definitions = reader.lateDefinitions else { return blocks }
    var again = MarkdownReader(definitions: definitions)
    return read(&again)
  }

  @Test(.enabled(if: path != nil)) func examples() throws {
    let data = try Data(contentsOf: URL(filePath: try #require(Self.path)))
    let examples = try JSONDecoder().decode([Example].self, from: data)
    #expect(examples.count > 500)
    var others: [Int] = []
    for example in examples {
      let found = Words(read([example.text])).words
      if found != example.words {
        others.append(example.number)
        if !Self.others.contains(example.number) {
          print("example \(example.number): \(example.text.debugDescription)\n  \(found)\n  \(example.words)")
        }
      }
      let scalars = Array(example.text.unicodeScalars)
      for cut in scalars.indices {
        var (first, second) = (String.UnicodeScalarView(), String.UnicodeScalarView())
        first.append(contentsOf: scalars[..<cut])
        second.append(contentsOf: scalars[cut...])
        #expect(
          Words(read([String(first), String(second)])).words == found, "\(example.number) cut at \(cut)")
      }
    }
    print(
      "\(examples.count - others.count) of \(examples.count) examples are read as the specification has it")
    #expect(Set(others).isSubset(of: Self.others), "\(others)")
  }

  /// Blocks as words with the marks of `scripts/check-commonmark`.
  private struct Words {
    var words: [String] = []

    init(_ blocks: [MarkdownBlock]) { add(blocks) }

    private mutating func add(_ blocks: [MarkdownBlock]) {
      for block in blocks {
        switch block.content {
        case .paragraph(let inlines): add(inlines)
        case .heading(let level, let inlines):
          words.append("<h\(level)>")
          add(inlines)
        case .code(let code):
          if !block.isContinued { words.append("<pre>") }
          for line in code.lines { words += Self.split(line[...]) }
        case .quote(let inside):
          words.append("<blockquote>")
          add(inside)
        case .item(let item):
          if !block.isContinued { words.append("<li>") }
          add(item.blocks)
        case .rule: words.append("<hr>")
        case .table(let table): for cell in table.header + table.rows.flatMap({ $0 }) { add(cell) }
        case .verbatim: break
        }
      }
    }

    private mutating func add(_ inlines: [MarkdownInline]) {
      for inline in inlines {
        var flags = ""
        if inline.style.contains(.address) { flags += "a" }
        if inline.style.contains(.emphasis) { flags += "e" }
        if inline.style.contains(.link) { flags += "l" }
        if inline.style.contains(.strong) { flags += "s" }
        var text = inline.text[...]
        if inline.style.contains(.address) {
          text = (inline.text.removingPercentEncoding ?? inline.text)[...]
        }
        if inline.style.contains(.code) {
          flags = "c"
          let fence = text.prefix { $0 == "`" }.count
          text = text.dropFirst(fence).dropLast(fence)
        }
        words += Self.split(text).map { flags.isEmpty ? $0 : "\($0)/\(flags)" }
      }
    }

    private static func split(_ text: Substring) -> [String] {
      text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }
}
