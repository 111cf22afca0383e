import Markdown
import Terminal

/// The columns of a table: their widths in cells, and how rows are laid out in them.
///
/// Columns are as wide as their widest cell. Where that is too much the widest give way and their cells wrap; where there
/// are too many for that each cell has a row of its own, after the name of its column.
struct TableColumns: Sendable, Hashable {
  private var widths: [Int] = []
  private var alignments: [MarkdownTable.Alignment] = []
  /// The names of the columns where each cell has its own row; nil where columns stand beside each other.
  private var names: [String]?
  private var width = 1
  /// Lines of the last row; 0 before the first. A line parts rows of several lines from their neighbours.
  private var lastHeight = 0

  struct Row {
    var line: Line
    var isOrnament = false
    var join = TextRow.Join.line
  }

  private static let separator = " │ "
  /// The narrowest column that text is wrapped in.
  private static let narrowest = 6

  init() {}

  init(_ rows: [[Line]], alignments: [MarkdownTable.Alignment], header: [Line], width: Int) {
    self.alignments = alignments
    self.width = width
    var natural = [Int](repeating: 1, count: alignments.count)
    for row in rows {
      for (column, cell) in row.enumerated() { natural[column] = max(natural[column], Self.width(of: cell)) }
    }
    let room = width - Self.separator.cellWidth * (natural.count - 1)
    widths = Self.fitted(natural, room: room)
    if zip(widths, natural).contains(where: { $0 < min(Self.narrowest, $1) }) {
      names = header.map { $0.plainText.replacing("\n", with: " ") }
    }
  }

  private static func width(of cell: Line) -> Int {
    let text = cell.plainText
    guard text.utf8.contains(UInt8(ascii: "\n")) else { return text.cellWidth }
    return text.split(separator: "\n").map(\.cellWidth).max() ?? 0
  }

  /// Widths that add up to `room` at most: the widest give way until they are equal.
  private static func fitted(_ widths: [Int], room: Int) -> [Int] {
    guard widths.reduce(0, +) > room else { return widths }
    var fitted = [Int](repeating: 0, count: widths.count)
    var left = max(0, room), columns = widths.count
    for column in widths.indices.sorted(by: { widths[$0] < widths[$1] }) {
      fitted[column] = min(widths[column], left / columns)
      left -= fitted[column]
      columns -= 1
    }
    return fitted
  }

  func header(_ cells: [Line]) -> [Row] {
    guard names == nil else { return [] }
    return lines(cells) + [rule("─", "┼")]
  }

  mutating func row(_ cells: [Line]) -> [Row] {
    if let names { return record(cells, names) }
    let rows = lines(cells)
    defer { lastHeight = rows.count }
    return lastHeight > 0 && max(lastHeight, rows.count) > 1 ? [rule("╌", "┼")] + rows : rows
  }

  private func rule(_ line: String, _ crossing: String) -> Row {
    let parts = widths.map { String(repeating: line, count: $0) }
    return Row(
      line: [Span(parts.joined(separator: "\(line)\(crossing)\(line)"), .faint)], isOrnament: true)
  }

  private func lines(_ cells: [Line]) -> [Row] {
    let wrapped = zip(cells, widths).map { $0.wrapped(width: $1) }
    return (0..<(wrapped.map(\.count).max() ?? 0)).map { index in
      var line: Line = []
      for column in wrapped.indices {
        if column > 0 { line.append(Span(Self.separator, .faint)) }
        let isLast = column == wrapped.count - 1
        let content = index < wrapped[column].count ? wrapped[column][index] : []
        line += padded(content, column, isLast: isLast)
      }
      return Row(line: line)
    }
  }

  private func padded(_ content: Line, _ column: Int, isLast: Bool) -> Line {
    // Spaces at the end of a wrapped row hang over the edge.
    let content = content.truncated(width: widths[column])
    let room = max(0, widths[column] - content.width)
    let before = alignments[column] == .right ? room : alignments[column] == .center ? room / 2 : 0
    func spaces(_ count: Int) -> Line { count > 0 ? [Span(String(repeating: " ", count: count))] : [] }
    return spaces(before) + content + (isLast ? [] : spaces(room - before))
  }

  /// A row as lines of `name: cell`, and a line that parts it from the next.
  private func record(_ cells: [Line], _ names: [String]) -> [Row] {
    var rows: [Row] = []
    for (name, cell) in zip(names, cells) {
      let label: Line = name.isEmpty ? [] : [Span(name + ": ", .strong)]
      rows += (label + cell).wrappedRows(width: width).map { Row(line: $0.line, join: $0.join) }
    }
    return rows + [Row(line: [Span(String(repeating: "╌", count: min(width, 12)), .faint)], isOrnament: true)]
  }
}
