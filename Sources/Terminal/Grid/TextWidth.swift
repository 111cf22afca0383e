/// The unit of one or more adjacent cells: a spacing scalar and the marks on it, or the spaces of a tab.
///
/// It is what a terminal can hold in one place, and smaller than a grapheme: a family of emoji joined by
/// zero-width joiners is laid out as its members, since terminals disagree about the width of the whole. So
/// our width, ncurses' and the terminal's stay the same.
struct Glyph: Equatable {
  /// The scalars to show; joiners, variation selectors, skin tones and controls are left out, and a scalar of
  /// unknown width has become U+FFFD.
  var text: GlyphText
  /// Cells: 1, 2, or up to `Glyph.tabStop` for a tab.
  var width: Int
  /// The start of the glyph in the text it was read from.
  var start: String.Index
  /// The first scalar as it was in the text.
  var base: Unicode.Scalar

  /// Columns from one tab stop to the next.
  static let tabStop = 4
  /// Marks beyond this are left out: ncurses holds that many on a cell.
  static let maximalMarks = 4
}

/// Reads the glyphs of a text in order. A newline comes as a glyph of width 0 whose base is `\n`.
struct GlyphScanner {
  private let text: Substring
  private(set) var position: String.Index

  init(_ text: Substring) {
    self.text = text
    position = text.startIndex
  }

  /// The next glyph, given the column where it will stand (tabs need it).
  mutating func next(column: Int) -> Glyph? {
    if let glyph = nextPlain() { return glyph }
    let scalars = text.unicodeScalars
    while position < scalars.endIndex {
      let start = position
      let scalar = scalars[position]
      position = scalars.index(after: position)
      if scalar == "\n" { return Glyph(text: "\n", width: 0, start: start, base: scalar) }
      if scalar == "\t" {
        let width = Glyph.tabStop - column % Glyph.tabStop
        return Glyph(
          text: GlyphText(String(repeating: " ", count: width)), width: width, start: start, base: scalar)
      }
      switch ScalarWidth(scalar) {
      case .invisible: continue
      case .unknown: return Glyph(text: "\u{FFFD}", width: 1, start: start, base: scalar)
      case .mark:
        // A mark with nothing below it: the dotted circle is the customary stand-in.
        return withMarks(
          Glyph(text: GlyphText("\u{25CC}\(scalar)"), width: 1, start: start, base: scalar), count: 1)
      case .cells(let width):
        return withMarks(Glyph(text: GlyphText(scalar), width: width, start: start, base: scalar), count: 0)
      }
    }
    return nil
  }

  /// The next glyph if it is a printable ASCII character before another or the end: the common case, which
  /// needs none of Unicode's tables.
  private mutating func nextPlain() -> Glyph? {
    let bytes = text.utf8
    guard position < bytes.endIndex else { return nil }
    let (start, byte) = (position, bytes[position])
    let next = bytes.index(after: position)
    guard byte.isPlain, next == bytes.endIndex || bytes[next] < 0x80 else { return nil }
    position = next
    let scalar = Unicode.Scalar(byte)
    return Glyph(text: GlyphText(scalar), width: 1, start: start, base: scalar)
  }

  private mutating func withMarks(_ glyph: Glyph, count: Int) -> Glyph {
    let scalars = text.unicodeScalars
    var glyph = glyph
    var count = count
    while position < scalars.endIndex {
      let scalar = scalars[position]
      if scalar.value < 0x300 { break }
      let isSkinTone = (0x1F3FB...0x1F3FF).contains(scalar.value) && glyph.width == 2
      if ScalarWidth(scalar) == .mark {
        if count < Glyph.maximalMarks { glyph.text.append(scalar) }
        count += 1
      } else if !isSkinTone && ScalarWidth(scalar) != .invisible {
        break
      }
      position = scalars.index(after: position)
    }
    return glyph
  }
}

extension UInt8 {
  /// Whether it is a printable character of ASCII.
  fileprivate var isPlain: Bool { self >= 0x20 && self < 0x7F }
}

extension Substring {
  /// `cellWidth` of a `String`, without generics: it is computed for all text that is drawn.
  fileprivate var widthInCells: Int {
    if utf8.allSatisfy(\.isPlain) { return utf8.count }
    var scanner = GlyphScanner(self)
    var width = 0
    while let glyph = scanner.next(column: width) { width += glyph.width }
    return width
  }
}

extension StringProtocol where SubSequence == Substring {
  /// Cells the text takes on one line, tabs counted from its start.
  public var cellWidth: Int {
    self[...].widthInCells
  }

  /// The text itself if it fits into `width` cells, else its beginning with `ellipsis` after it.
  /// Fits even where the ellipsis alone does not.
  public func truncated(width: Int, ellipsis: String = "…") -> String {
    let room = width - ellipsis.cellWidth
    if room < 0 { return cellWidth <= width ? String(self) : prefix(width: width) }
    var scanner = GlyphScanner(self[...])
    var column = 0
    var cut = startIndex
    while let glyph = scanner.next(column: column) {
      column += glyph.width
      if column <= room { cut = scanner.position }
      if column > width { return self[..<cut] + ellipsis }
    }
    return String(self)
  }

  private func prefix(width: Int) -> String {
    var scanner = GlyphScanner(self[...])
    var column = 0
    var end = startIndex
    while let glyph = scanner.next(column: column) {
      column += glyph.width
      if column > width { break }
      end = scanner.position
    }
    return String(self[..<end])
  }
}

extension String {
  /// The part of a line that lies in a range of cells; a wide character belongs to the cell that it begins in.
  public func slice(cells: Range<Int>) -> String {
    var scanner = GlyphScanner(self[...])
    var column = 0
    var start: Index?
    var end = endIndex
    while let glyph = scanner.next(column: column) {
      if column >= cells.upperBound {
        end = glyph.start
        break
      }
      if start == nil, column + max(1, glyph.width) > cells.lowerBound { start = glyph.start }
      column += glyph.width
    }
    return start.map { String(self[$0..<max($0, end)]) } ?? ""
  }
}
