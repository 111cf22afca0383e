/// The characters of frames: Unicode box drawing, or ASCII for terminals and fonts without it.
public enum Border: Sendable {
  case light
  case ascii

  fileprivate func glyph(_ arms: Arms) -> GlyphText {
    switch self {
    case .light: Self.lightGlyphs[Int(arms.rawValue)]
    case .ascii:
      if arms.isSubset(of: .horizontal) { "-" } else if arms.isSubset(of: .vertical) { "|" } else { "+" }
    }
  }

  /// The arms of a cell's character; none if it is not part of a frame.
  func arms(of glyph: GlyphText) -> Arms {
    switch self {
    case .light: glyph.isPlain ? [] : Self.lightArms[glyph] ?? []
    case .ascii:
      switch glyph {
      case "-": .horizontal
      case "|": .vertical
      default: []
      }
    }
  }

  /// By arms: 1 up, 2 right, 4 down, 8 left.
  private static let lightGlyphs: [GlyphText] = [
    " ", "╵", "╶", "└", "╷", "│", "┌", "├", "╴", "┘", "─", "┴", "┐", "┤", "┬", "┼",
  ]
  private static let lightArms = Dictionary(
    uniqueKeysWithValues: lightGlyphs.enumerated().dropFirst().map { ($1, Arms(rawValue: UInt8($0))) })
}

/// The directions in which lines leave a cell.
struct Arms: OptionSet {
  let rawValue: UInt8
  static let up = Arms(rawValue: 1)
  static let right = Arms(rawValue: 2)
  static let down = Arms(rawValue: 4)
  static let left = Arms(rawValue: 8)
  static let horizontal: Arms = [.left, .right]
  static let vertical: Arms = [.up, .down]
}

extension CellGrid {
  /// Draws a frame just inside `rect`, joining lines that are already there (`├`, `┼`), with a title in its
  /// upper edge. To cover what lies below instead, `fill` first.
  public mutating func frame(
    _ rect: Rect, title: String = "", border: Border = .light, style: Style = .plain,
    titleStyle: Style? = nil
  ) {
    guard rect.width > 1, rect.height > 1 else { return }
    let right = rect.maxX - 1
    let bottom = rect.maxY - 1
    horizontalLine(x: rect.minX...right, y: rect.minY, border: border, style: style)
    horizontalLine(x: rect.minX...right, y: bottom, border: border, style: style)
    verticalLine(x: rect.minX, y: rect.minY...bottom, border: border, style: style)
    verticalLine(x: right, y: rect.minY...bottom, border: border, style: style)
    writeTitle(title, x: rect.minX + 1, y: rect.minY, width: rect.width - 2, style: titleStyle ?? style)
  }

  /// Divides a frame: a line across it at row `y`, joined to both sides, with a title in it.
  public mutating func divide(
    _ rect: Rect, y: Int, title: String = "", border: Border = .light, style: Style = .plain,
    titleStyle: Style? = nil
  ) {
    guard rect.width > 1 else { return }
    horizontalLine(x: rect.minX...rect.maxX - 1, y: y, border: border, style: style)
    writeTitle(title, x: rect.minX + 1, y: y, width: rect.width - 2, style: titleStyle ?? style)
  }

  /// A line from the middle of the first cell to the middle of the last, joined to the lines it meets.
  public mutating func horizontalLine(
    x: ClosedRange<Int>, y: Int, border: Border = .light, style: Style = .plain
  ) {
    for column in x.clamped(to: -1...size.width) {
      var arms = Arms.horizontal
      if column == x.lowerBound { arms.remove(.left) }
      if column == x.upperBound { arms.remove(.right) }
      join(arms, x: column, y: y, border: border, style: style)
    }
  }

  /// A line from the middle of the first cell to the middle of the last, joined to the lines it meets.
  public mutating func verticalLine(
    x: Int, y: ClosedRange<Int>, border: Border = .light, style: Style = .plain
  ) {
    for row in y.clamped(to: -1...size.height) {
      var arms = Arms.vertical
      if row == y.lowerBound { arms.remove(.up) }
      if row == y.upperBound { arms.remove(.down) }
      join(arms, x: x, y: row, border: border, style: style)
    }
  }

  private mutating func join(_ arms: Arms, x: Int, y: Int, border: Border, style: Style) {
    // ASCII's + says nothing of its arms, so a corner stays a corner.
    let there = self[x, y].glyph
    let glyph = border == .ascii && there == "+" ? "+" : border.glyph(arms.union(border.arms(of: there)))
    put(glyph, width: 1, x: x, y: y, style: style)
  }

  private mutating func writeTitle(_ title: String, x: Int, y: Int, width: Int, style: Style) {
    guard !title.isEmpty, width > 2 else { return }
    write(" \(title.truncated(width: width - 2)) ", x: x, y: y, style: style, maxWidth: width)
  }
}
