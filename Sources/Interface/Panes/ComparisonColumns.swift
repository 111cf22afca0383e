import IO
import Inference
import Terminal

/// Two answers beside each other, laid out for a size: what the Compare pane draws, and what its keys move in.
struct ComparisonColumns {
  typealias Side = PairReport.Side

  let divider: Int
  /// The first row of the columns, below the strip of runs.
  let head: Int
  /// Rows of the columns that are shown.
  let height: Int
  let first: Column
  let second: Column
  /// The rows that the longer is scrolled down, and the most that it may be.
  let top: Int
  let lastTop: Int
  /// KL along each answer; empty where there is no room, or nothing is known.
  let sparklines: [Line]
  /// What compares the answers, or what is known of the token that is looked at.
  let summary: [Line]

  /// An answer in rows.
  struct Column {
    var width: Int
    var rows: [TextRow]
    /// The places of its tokens, in order.
    var places: [TokenPlace] = []
    /// By row.
    var shades: [Int: [ShadedCells]] = [:]
    /// The first row that is shown: the shorter of two keeps its last screen.
    var top = 0
  }

  subscript(side: Side) -> Column { side == .first ? first : second }

  /// The least height of the pane, frame not included, that has a strip of runs, or KL along the answers.
  private static let roomForExtras = 8

  init?(_ content: ComparePane.Content, size: Size) {
    guard let answers = content.answers else { return nil }
    let figures = ComparisonFigures(answers)
    // The frame is outside: its divider is one column nearer here.
    divider = (size.width + 2) / 2 - 1
    let width = max(1, size.width - 2)
    head = content.strip.isEmpty || size.height < Self.roomForExtras ? 0 : 1
    // Figures are read whole: the answers can be scrolled.
    let readOut = content.cursor.map { Self.readOut(of: $0, answers) }
    summary = Array((readOut ?? figures.summary).wrapped(width: width).prefix(max(1, size.height - 2 - head)))
    var first = Column(answers, figures, .first, width: max(1, divider - 2))
    var second = Column(answers, figures, .second, width: max(1, size.width - divider - 3))
    let hasLines = answers.report != nil && size.height >= Self.roomForExtras
    sparklines =
      hasLines
      ? [Side.first, .second].map {
        Self.sparkline($0, answers, content.cursor, width: $0 == .first ? first.width : second.width)
      } : []
    height = max(0, size.height - summary.count - head - (hasLines ? 1 : 0))
    lastTop = max(0, max(first.rows.count, second.rows.count) - height)
    let followed = answers.isOpen ? max(0, second.rows.count - height) : 0
    top = min(content.top ?? followed, lastTop)
    first.top = min(top, max(0, first.rows.count - height))
    second.top = min(top, max(0, second.rows.count - height))
    (self.first, self.second) = (first, second)
  }

  /// `B 12 “ path” · KL 0.430 · …`.
  private static func readOut(of cursor: Comparison.Cursor, _ answers: ComparedAnswers) -> Line {
    let name: Line = [Span("\(cursor.side.name) \(cursor.token) ", .key)]
    guard let text = answers.report?[cursor.side] else { return name }
    let label: Line = [Span(text.label(cursor.token), .strong)]
    let parts = text.readOut(cursor.token) ?? ["not compared yet"]
    return name + label + parts.flatMap { [Span(" · ", .faint), Span($0)] }
  }

  private static func sparkline(
    _ side: Side, _ answers: ComparedAnswers, _ cursor: Comparison.Cursor?, width: Int
  ) -> Line {
    guard let divergence = answers.report?[side].divergence, width > 6 else { return [] }
    let count = divergence.answer.count, room = width - 3
    let line = KLScale.sparkline(divergence.tokens.map(\.kl), of: count, width: room)
    guard let cursor, cursor.side == side else { return [Span("KL ", .faint), Span(line, .graph)] }
    let cell = KLScale.cell(of: cursor.token, of: count, width: room)
    let characters = Array(line)
    return [
      Span("KL ", .faint), Span(String(characters[..<cell]), .graph),
      Span(String(characters[cell..<min(cell + 1, characters.count)]), .key),
      Span(String(characters[min(cell + 1, characters.count)...]), .graph),
    ]
  }

  // MARK: Tokens

  /// The token in a row of a column, at a cell or nearest to it.
  func token(_ side: Side, row: Int, near cell: Int) -> Int? {
    let column = self[side]
    func distance(_ place: TokenPlace) -> Int {
      place.cells.contains(cell)
        ? 0 : min(abs(place.cells.lowerBound - cell), abs(place.cells.upperBound - 1 - cell))
    }
    return column.places.filter { $0.row == row }.min { distance($0) < distance($1) }?.token
  }

  /// The row that a token is in, or that of the last before it that is shown.
  func place(of cursor: Comparison.Cursor) -> TokenPlace? {
    let places = self[cursor.side].places
    return places.first { $0.token == cursor.token } ?? places.last { $0.token < cursor.token }
  }

  /// The first token on the screen.
  func firstToken(_ side: Side) -> Int? { self[side].places.first { $0.row >= self[side].top }?.token }
}

extension ComparisonColumns.Column {
  fileprivate init(
    _ answers: ComparedAnswers, _ figures: ComparisonFigures, _ side: PairReport.Side, width: Int
  ) {
    self.width = width
    let part = side == .first ? answers.first : answers.second
    let text = answers.report?[side]
    rows = []
    func pieces(_ part: AnswerPart) -> [String] {
      text.map { zip($0.pieces, $0.parts).map { $1 == part ? $0.sanitized : "" } } ?? []
    }
    func add(_ new: [TextRow], _ part: AnswerPart) {
      let above = rows.count
      places += TokenPlace.all(of: pieces(part), in: new).map {
        TokenPlace(token: $0.token, row: above + $0.row, cells: $0.cells)
      }
      rows += new
    }
    // The answers stay beside each other where only one has a thought.
    if answers.first.thought != nil || answers.second.thought != nil {
      let lines = part.thought?.lines ?? []
      let head = lines.first { $0.width <= width } ?? lines.last?.truncated(width: width) ?? []
      rows.append(TextRow(line: head, isOrnament: true))
      if let thought = part.thought?.text {
        let shown = String(thought.prefix(ComparisonFigures.shownCharacters)).sanitized
        let bar = ChatEntry.bar
        let line: Line = [Span(shown, .thought)]
        add(
          line.wrappedRows(width: max(1, width - bar.cellWidth)).map {
            TextRow(line: [Span(bar, .faint)] + $0.line, margin: bar.cellWidth, join: $0.join)
          }, .reasoning)
        rows.append(TextRow(line: []))
      }
    }
    let line =
      side == .first
      ? figures.first.marked(changed: [], split: nil)
      : figures.second.marked(changed: figures.changed, split: figures.splitWord)
    add(line.wrappedRows(width: width).map { TextRow(line: $0.line, join: $0.join) }, .content)
    guard let tokens = text?.divergence.tokens else { return }
    for place in places where tokens.indices.contains(place.token) {
      let shade = Shade(KLScale.fraction(tokens[place.token].kl))
      if shade != .step(0) {
        shades[place.row, default: []].append(ShadedCells(cells: place.cells, shade: shade))
      }
    }
  }
}
