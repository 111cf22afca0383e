import CCMark
import IO

/// Makes blocks of nodes.
struct BlockBuilder {
  let text: ParsedText
  /// Whether an empty line stands before the text, in what was read earlier.
  var followsBlank = false
  /// The number of the first item where the text begins in the middle of a list; nil where it does not.
  var firstNumber: Int?
  /// The definitions of links that were found.
  private var definitions: [(label: String, source: String)] = []

  /// Blocks inside each other that are shown as such; those that are deeper stand beside each other.
  private static let deepest = 24

  init(_ text: ParsedText) { self.text = text }

  /// The blocks of nodes that follow each other, and of definitions among and after them.
  ///
  /// - Parameters:
  ///   - line: The first line that is theirs.
  ///   - end: The line after the last; nil where whoever asks looks after what follows the nodes.
  mutating func blocks(
    _ nodes: some Collection<Node>, from line: Int, to end: Int? = nil, depth: Int = 0
  ) -> [MarkdownBlock] {
    var blocks: [MarkdownBlock] = []
    var line = line
    for node in nodes {
      blocks += verbatim(line..<max(line, node.firstLine))
      blocks += self.blocks(node, depth)
      line = max(line, lastLine(of: node) + 1)
    }
    return end.map { blocks + verbatim(line..<max(line, $0)) } ?? blocks
  }

  /// Whether definitions were found since they were last taken.
  var hasDefinitions: Bool { !definitions.isEmpty }

  /// The definitions that were found since this was last asked: the first of each label, by label.
  mutating func takeDefinitions() -> [String: String] {
    defer { definitions = [] }
    return Dictionary(definitions.map { ($0.label, $0.source) }) { first, _ in first }
  }

  /// The blocks of the definitions in lines that belong to no node.
  mutating func verbatim(_ lines: Range<Int>) -> [MarkdownBlock] {
    var blocks: [MarkdownBlock] = []
    var line = max(lines.lowerBound, text.preamble + 1)
    while line < lines.upperBound {
      let count = definitionLines(line..<lines.upperBound)
      blocks += define(line..<line + count)
      line += max(1, count)
    }
    return blocks
  }

  /// Notes the definitions in some lines, and shows the lines.
  private mutating func define(_ lines: Range<Int>) -> [MarkdownBlock] {
    lines.map { line in
      let source = Self.withoutContainers(text.line(line))
      let string = String(decoding: source, as: UTF8.self)
      if let label = Self.definedLabel(source) {
        definitions.append((LinkLabel.normalized(label), string))
      } else if let last = definitions.indices.last {
        definitions[last].source += "\n" + string
      }
      return MarkdownBlock(.verbatim(string.sanitized), isSpaced: isSpaced(line))
    }
  }

  /// Lines of one definition that are looked at.
  private static let mostLines = 16

  /// How many of some lines are definitions, from the first on. cmark takes them away from the beginning of a paragraph
  /// without a trace; lines are definitions if nothing is left of them.
  private func definitionLines(_ lines: Range<Int>) -> Int {
    var line = lines.lowerBound
    while line < lines.upperBound, Self.definedLabel(Self.withoutContainers(text.line(line))) != nil {
      var source: [UInt8] = []
      var last = 0
      for count in 1...min(Self.mostLines, lines.upperBound - line) {
        let next = Self.withoutContainers(text.line(line + count - 1))
        if next.isEmpty { break }
        source += next + [UInt8(ascii: "\n")]
        if ParsedText(source, preamble: 0).root.firstChild == nil { last = count }
      }
      guard last > 0 else { break }
      line += last
    }
    return line - lines.lowerBound
  }

  private mutating func blocks(_ node: Node, _ depth: Int) -> [MarkdownBlock] {
    let isContinued = node.firstLine <= text.preamble
    let isSpaced = node.previous?.startLine != 0 && isSpaced(node.firstLine)
    func block(_ content: MarkdownBlock.Content) -> [MarkdownBlock] {
      [MarkdownBlock(content, isSpaced: isSpaced, isContinued: isContinued)]
    }
    switch node.kind {
    case .paragraph, .heading:
      // A heading of the preamble holds the place of what was given out before.
      if isContinued { return [] }
      let definitions = leadingDefinitions(of: node)
      let inlines = node.inlines
      var rest = block(.paragraph(inlines))
      if node.kind == .heading {
        rest[0].content = .heading(level: Int(cmark_node_get_heading_level(node.pointer)), inlines)
      }
      if !definitions.isEmpty { rest[0].isSpaced = false }
      return definitions + rest
    case .code: return block(.code(code(node)))
    case .quote, .list:
      // Deeper ones stand beside each other; they may be as deep as a line is long.
      guard depth < Self.deepest else { return node.leaves.flatMap { self.blocks($0, depth) } }
      if node.kind == .list { return items(node.children[...], of: node, depth) }
      return block(
        .quote(blocks(node.children, from: max(node.startLine, text.preamble + 1), depth: depth + 1)))
    case .table: return block(.table(table(node)))
    case .rule: return block(.rule)
    case .html: return block(.verbatim(Self.trimmed(node.literal).sanitized))
    case .item, .other: return []
    }
  }

  /// The number of an ordered list's first item; nil for bullets.
  func firstNumber(of list: Node, depth: Int = 0) -> Int? {
    guard cmark_node_get_list_type(list.pointer) == CMARK_ORDERED_LIST else { return nil }
    if depth == 0, list.previous == nil, let firstNumber { return firstNumber }
    return Int(cmark_node_get_list_start(list.pointer))
  }

  /// The blocks of some of a list's items.
  mutating func items(_ items: ArraySlice<Node>, of list: Node, _ depth: Int = 0) -> [MarkdownBlock] {
    let sign = cmark_node_get_list_delim(list.pointer) == CMARK_PAREN_DELIM ? ")" : "."
    let first = firstNumber(of: list, depth: depth)
    var blocks: [MarkdownBlock] = []
    for (index, item) in zip(items.indices, items) {
      let inside = self.blocks(
        item.children, from: max(item.startLine, text.preamble + 1), depth: depth + 1)
      let isTask = item.typeName == "tasklist"
      let content = MarkdownItem(
        number: first.map { "\($0 + index)\(sign)" },
        isDone: isTask ? cmark_gfm_extensions_get_tasklist_item_checked(item.pointer) : nil, blocks: inside)
      blocks.append(
        MarkdownBlock(
          .item(content), isSpaced: isSpaced(item.startLine), isContinued: item.startLine <= text.preamble))
    }
    return blocks
  }

  private func code(_ node: Node) -> MarkdownCode {
    var lines = node.literal.sanitized.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let language = node.info.sanitized.prefix { $0 != " " && $0 != "\t" && $0 != "{" && $0 != "," }
    return MarkdownCode(
      language: String(language), lines: lines, isFenced: node.fence != nil, isClosed: isClosed(node))
  }

  /// Whether a block of code has come to its closing fence.
  func isClosed(_ node: Node) -> Bool {
    guard let fence = node.fence else { return false }
    let end = Self.withoutContainers(text.line(node.startLine + lineCount(node) + 1))
    let signs = end.prefix { $0 == fence.sign }.count
    return signs >= fence.length && end.dropFirst(signs).allSatisfy { $0 == UInt8(ascii: " ") }
  }

  private func lineCount(_ node: Node) -> Int { node.literal.utf8.count { $0 == UInt8(ascii: "\n") } }

  private func table(_ node: Node) -> MarkdownTable {
    let count = Int(cmark_gfm_extensions_get_table_columns(node.pointer))
    let signs = cmark_gfm_extensions_get_table_alignments(node.pointer)
    let alignments = (0..<count).map { column -> MarkdownTable.Alignment in
      switch signs?[column] {
      case UInt8(ascii: "r"): .right
      case UInt8(ascii: "c"): .center
      default: .left
      }
    }
    var table = MarkdownTable(alignments: alignments, header: [], rows: [])
    for row in node.children {
      var cells = row.children.prefix(count).map(\.inlines)
      while cells.count < count { cells.append([]) }
      if cmark_gfm_extensions_get_table_row_is_header(row.pointer) != 0 {
        table.header = cells
      } else {
        table.rows.append(cells)
      }
    }
    return table
  }

  // MARK: Lines

  private func isSpaced(_ line: Int) -> Bool {
    line == text.preamble + 1 ? followsBlank : line > text.preamble && text.isBlank(line: line - 1)
  }

  /// The last line of a node. What cmark says of the end of fenced code depends on what is around it.
  func lastLine(of node: Node) -> Int {
    switch node.kind {
    case .code where node.fence != nil: node.startLine + lineCount(node) + (isClosed(node) ? 1 : 0)
    case .quote, .list, .item: node.deepestLast.map(lastLine) ?? node.startLine
    case .heading:
      max(node.startLine, node.endLine - (isUnderlined(node) || node.endLine == node.startLine ? 0 : 1))
    default: max(node.startLine, node.endLine)
    }
  }

  /// Whether the last line of a heading, as cmark has it, is its underline. It may be the line after that.
  private func isUnderlined(_ heading: Node) -> Bool {
    let line = Self.withoutContainers(text.line(heading.endLine))
    let signs = line.prefix { $0 == line.first }
    return !signs.isEmpty && "=-".utf8.contains(signs.first!)
      && line.dropFirst(signs.count).allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  /// The blocks of the definitions that a paragraph or a heading begins with.
  private mutating func leadingDefinitions(of node: Node) -> [MarkdownBlock] {
    guard node.startLine > 0 else { return [] }
    return define(node.startLine..<node.startLine + definitionLines(node.startLine..<lastLine(of: node)))
  }

  /// The label that a line defines, if it looks like a definition: `[label]: address`.
  private static func definedLabel(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.first == UInt8(ascii: "["), let end = line.firstIndex(of: UInt8(ascii: "]")),
      line.dropFirst(end - line.startIndex + 1).first == UInt8(ascii: ":")
    else { return nil }
    return line[(line.startIndex + 1)..<end]
  }

  /// A line without its indentation and the marks of the quotes and items that it may stand in.
  private static func withoutContainers(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let sign = line.first {
      let isBullet = "-+*".utf8.contains(sign) && line.dropFirst().first == UInt8(ascii: " ")
      guard isBullet || " \t>".utf8.contains(sign) else { break }
      line.removeFirst()
    }
    return line
  }

  private static func trimmed(_ text: String) -> String {
    text.last == "\n" ? String(text.dropLast()) : text
  }
}
