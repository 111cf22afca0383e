import Markdown
import Terminal

/// Lays blocks of Markdown out in rows. A value that remembers what the next blocks may go on with.
struct MarkdownLayout: Sendable, Hashable {
  let width: Int
  /// What a line of code leaves open.
  private var lexer = CodeLexer(language: "")
  /// The columns of the last table.
  private var columns = TableColumns()

  init(width: Int) { self.width = width }

  /// What stands before the rows of a block.
  private struct Indent {
    /// Before the first row, and before the others.
    var first: Line = []
    var further: Line = []
    /// Cells of `first` and of `further` that are ornaments.
    var firstMargin = 0
    var furtherMargin = 0

    /// For what follows the first row.
    var after: Indent {
      Indent(first: further, further: further, firstMargin: furtherMargin, furtherMargin: furtherMargin)
    }

    /// With a bar before every row.
    func barred(_ bar: String) -> Indent {
      let bar = Span(bar, .faint)
      let width = further.width + bar.text.cellWidth
      return Indent(
        first: first + [bar], further: further + [bar], firstMargin: first.width + bar.text.cellWidth,
        furtherMargin: width)
    }

    /// With a marker before the first row.
    func marked(_ marker: String) -> Indent {
      Indent(
        first: first + [Span(marker, .strong)],
        further: further + [Span(String(repeating: " ", count: marker.cellWidth))], firstMargin: firstMargin,
        furtherMargin: further.width + marker.cellWidth)
    }
  }

  // MARK: Blocks

  /// Adds the rows of blocks to `rows`, which hold those before them.
  mutating func add(_ blocks: [MarkdownBlock], to rows: inout [TextRow]) { add(blocks, Indent(), &rows) }

  private mutating func add(_ blocks: [MarkdownBlock], _ indent: Indent, _ rows: inout [TextRow]) {
    var indent = indent
    for (index, block) in blocks.enumerated() {
      if block.isSpaced, !rows.isEmpty, index > 0 || indent.further.isEmpty {
        rows.append(TextRow(line: indent.further, margin: indent.furtherMargin))
      }
      add(block, indent, &rows)
      indent = indent.after
    }
    // An item or a quote with nothing in it has a row all the same.
    if blocks.isEmpty, !indent.first.isEmpty { addLine([], indent, &rows) }
  }

  private mutating func add(_ block: MarkdownBlock, _ indent: Indent, _ rows: inout [TextRow]) {
    switch block.content {
    case .paragraph(let inlines): addLine(Self.line(inlines), indent, &rows)
    case .heading(let level, let inlines):
      let element: Element = level == 1 ? .heading : level == 2 ? .subheading : .minorHeading
      addLine(Self.line(inlines).map { Span($0.text, element) }, indent, &rows)
    case .code(let code): add(code, isContinued: block.isContinued, indent, &rows)
    case .quote(let blocks): add(blocks, indent.barred("▏ "), &rows)
    case .item(let item): add(item, isContinued: block.isContinued, indent, &rows)
    case .table(let table): add(table, isContinued: block.isContinued, indent, &rows)
    case .rule:
      let prefix = indent.first.width < width ? indent.first : []
      let rule = String(repeating: "─", count: width - prefix.width)
      rows.append(TextRow(line: prefix + [Span(rule, .faint)], isOrnament: true))
    case .verbatim(let text): addLine([Span(Self.withoutTabs(text))], indent, &rows)
    }
  }

  private mutating func add(
    _ item: MarkdownItem, isContinued: Bool, _ indent: Indent, _ rows: inout [TextRow]
  ) {
    let box = item.isDone.map { $0 ? "☑ " : "☐ " }
    let marker = item.number.map { "\($0) " + (box ?? "") } ?? box ?? "• "
    let marked = indent.marked(marker)
    add(item.blocks, isContinued ? marked.after : marked, &rows)
  }

  private mutating func add(
    _ code: MarkdownCode, isContinued: Bool, _ indent: Indent, _ rows: inout [TextRow]
  ) {
    var indent = indent
    if !isContinued {
      lexer = CodeLexer(language: code.language)
      if code.isFenced {
        let edge = indent.first + [Span("┌╴", .faint), Span(code.language, .faint)]
        rows.append(TextRow(line: edge.truncated(width: width), isOrnament: true))
        indent = indent.after
      }
    }
    let barred = indent.barred("│ ")
    for line in code.lines {
      let pieces = lexer.pieces(Self.withoutTabs(line))
      addLine(pieces.map { Span($0.text, $0.kind.element) }, barred, &rows)
    }
    if code.isFenced, code.isClosed {
      rows.append(TextRow(line: indent.further + [Span("└╴", .faint)], isOrnament: true))
    }
  }

  /// Adds a line, wrapped. Where what stands before it leaves no room that goes, and the text stays.
  private func addLine(_ line: Line, _ indent: Indent, _ rows: inout [TextRow]) {
    let prefix = max(indent.first.width, indent.further.width)
    guard width - prefix >= min(8, width) else {
      let marker = indent.first.filter { $0.element != .faint }
      rows += (marker + line).wrappedRows(width: width).map { TextRow(line: $0.line, join: $0.join) }
      return
    }
    for (index, row) in line.wrappedRows(width: width - prefix).enumerated() {
      rows.append(
        TextRow(
          line: (index == 0 ? indent.first : indent.further) + row.line,
          margin: index == 0 ? indent.firstMargin : indent.furtherMargin, join: row.join))
    }
  }

  /// Adds a line that has no Markdown, and no tabs.
  ///
  /// - Parameter start: Where it begins in its text, in UTF-8 bytes.
  func addVerbatim(line: String, from start: Int, to rows: inout [TextRow]) {
    rows += [Span(line)].wrappedRows(width: width).map {
      TextRow(line: $0.line, join: $0.join, source: start + $0.start)
    }
  }

  // MARK: Tables

  private mutating func add(
    _ table: MarkdownTable, isContinued: Bool, _ indent: Indent, _ rows: inout [TextRow]
  ) {
    let cells = { (row: [[MarkdownInline]], element: Element?) in
      row.map { inlines in Self.line(inlines).map { Span($0.text, element ?? $0.element) } }
    }
    let room = max(1, width - max(indent.first.width, indent.further.width))
    let header = cells(table.header, .strong)
    let body = table.rows.map { cells($0, nil) }
    if !isContinued {
      columns = TableColumns([header] + body, alignments: table.alignments, header: header, width: room)
    }
    var indent = indent
    func addRows(_ lines: [TableColumns.Row]) {
      for line in lines {
        rows.append(
          TextRow(
            line: indent.first + line.line, margin: indent.firstMargin, isOrnament: line.isOrnament,
            join: line.join))
        indent = indent.after
      }
    }
    if !isContinued { addRows(columns.header(header)) }
    for row in body { addRows(columns.row(row)) }
  }

  // MARK: Text

  static func line(_ inlines: [MarkdownInline]) -> Line {
    inlines.map { Span(withoutTabs($0.text), $0.style.element) }
  }

  /// Tab stops count from the edge of the text, which ornaments and indents move; spaces stay what they are.
  static func withoutTabs(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\t")) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + text.utf8.count / 4)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\t") {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 4))
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension MarkdownInline.Style {
  /// What it looks like. Where several styles hold, the one that says most.
  fileprivate var element: Interface.Element {
    if contains(.address) { return .faint }
    if contains(.code) { return .code }
    if contains(.link) { return .link }
    if contains(.deleted) { return .deleted }
    if contains([.strong, .emphasis]) { return .strongEmphasis }
    return contains(.strong) ? .strong : contains(.emphasis) ? .emphasis : .text
  }
}

extension CodeLexer.Kind {
  fileprivate var element: Interface.Element {
    switch self {
    case .plain: .codeBlock
    case .keyword: .codeKeyword
    case .string: .codeString
    case .comment: .codeComment
    case .number: .codeNumber
    }
  }
}
