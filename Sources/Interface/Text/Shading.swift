import Terminal

/// How strongly a word is shaded, by a number that belongs to its token, such as its probability or its KL.
enum Shade: Sendable, Hashable {
  /// From 0, the weakest, to ``steps`` − 1.
  case step(Int)
  /// The number is none.
  case notANumber

  static let steps = 16

  /// - Parameter fraction: The place of the number on its scale, 0…1.
  init(_ fraction: Double) {
    self =
      fraction.isNaN
      ? .notANumber : .step(min(Self.steps - 1, Int(min(max(fraction, 0), 1) * Double(Self.steps))))
  }

  /// The look of text that looked like `style`: on the colour of the theme's ramp; without colours underlined,
  /// strong, then reversed. The weakest leaves it as it is, so that most of a text stays calm.
  func style(over style: Style, theme: Theme, colors: ColorDepth) -> Style {
    var style = style
    switch self {
    case .notANumber: return theme[.error]
    case .step(0): break
    case .step(let step):
      let place = (Double(step) + 0.5) / Double(Self.steps)
      if colors >= .palette256, let color = theme.ramp?.color(at: place, depth: colors) {
        style.background = color
        style.foreground = color.rgb.lightness > 50 ? Color(16) : Color(231)
      } else {
        if place >= 0.2 { style.attributes.insert(.underline) }
        if place >= 0.45 { style.attributes.insert(.bold) }
        if place >= 0.7 { style.attributes.insert(.reverse) }
      }
    }
    return style
  }
}

/// A stretch of a row with its shade.
struct ShadedCells: Sendable, Hashable {
  /// Cells from the beginning of the row.
  var cells: Range<Int>
  var shade: Shade
}

extension Canvas {
  /// Shades parts of a row that is written already.
  ///
  /// - Parameter x: The cell in which the row begins.
  mutating func shade(_ parts: [ShadedCells], x: Int, y: Int) {
    let (theme, colors) = (theme, colors)
    for part in parts {
      grid.restyle(Rect(x: x + part.cells.lowerBound, y: y, width: part.cells.count, height: 1)) {
        $0 = part.shade.style(over: $0, theme: theme, colors: colors)
      }
    }
  }
}

/// The cells of a token in a row of a text.
struct TokenPlace: Sendable, Hashable {
  /// The index of the token among those of the text.
  var token: Int
  /// The index of the row.
  var row: Int
  var cells: Range<Int>
}

extension TokenPlace {
  /// Scalars of a text that rows may leave out at once, such as markup and the spaces at which lines break.
  private static let gap = 80

  /// The places of a text's tokens in the rows that it was laid out in, in order; none of tokens that the rows do
  /// not show.
  ///
  /// Rows show the text in its order, but without some characters and with ornaments of their own: each
  /// character of a row is the next like it in the text, or an ornament where there is none nearby.
  ///
  /// - Parameter pieces: The texts of the tokens, as they were sanitised for the rows.
  static func all(of pieces: [String], in rows: [TextRow]) -> [TokenPlace] {
    var scalars: [Unicode.Scalar] = [], owners: [Int] = []
    for (token, piece) in pieces.enumerated() {
      for scalar in piece.unicodeScalars {
        scalars.append(scalar)
        owners.append(token)
      }
    }
    var places: [TokenPlace] = []
    var next = 0
    for (index, row) in rows.enumerated() where !row.isOrnament {
      var column = 0
      for character in row.plainText {
        let width = character == "\t" ? 4 - column % 4 : String(character).cellWidth
        defer { column += width }
        guard column >= row.margin, let first = character.unicodeScalars.first,
          let found = scalars[next..<min(next + gap, scalars.count)].firstIndex(of: first)
        else { continue }
        // A space before the next word is that of the word's token, wherever the row has it.
        next = min(scalars.count, found + character.unicodeScalars.count)
        let token = owners[found]
        if let last = places.last, last.token == token, last.row == index, last.cells.upperBound == column {
          places[places.count - 1].cells = last.cells.lowerBound..<column + width
        } else {
          places.append(TokenPlace(token: token, row: index, cells: column..<column + width))
        }
      }
    }
    return places
  }
}
