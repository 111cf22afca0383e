extension CellGrid {
  /// The rows as text, without trailing spaces, joined by newlines.
  public var plainText: String {
    rows { $0.text }
  }

  /// The text of some cells of a row in a part of the grid, without trailing spaces.
  public func text(x: Range<Int>, y: Int, in part: Rect) -> String {
    guard (0..<part.height).contains(y) else { return "" }
    var text = x.clamped(to: 0..<part.width).map { self[part.minX + $0, part.minY + y].text }.joined()
    while text.unicodeScalars.last == " " { text.unicodeScalars.removeLast() }
    return text
  }

  /// The styles of the cells, as text for snapshot tests: a letter for each cell in the rows' shape (`.` is
  /// plain), then the style of each letter.
  ///
  ///     aa..
  ///     a = 184 on 54 bold
  public var stylePlane: String {
    var letters: [Style: Character] = [.plain: "."]
    var legend: [String] = []
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    for cell in cells where letters[cell.style] == nil {
      // Heatmaps can have more styles than letters; those that are too many share a sign.
      let letter = legend.count < alphabet.count ? alphabet[legend.count] : "?"
      letters[cell.style] = letter
      if letter != "?" { legend.append("\(letter) = \(cell.style)") }
    }
    let plane = rows { String(letters[$0.style] ?? "?") }
    return ([plane] + legend).joined(separator: "\n")
  }

  private func rows(_ sign: (Cell) -> String) -> String {
    (0..<size.height).map { y in
      var row = cells[y * size.width..<(y + 1) * size.width].map(sign).joined()
      while row.unicodeScalars.last == " " { row.unicodeScalars.removeLast() }
      return row
    }.joined(separator: "\n")
  }
}

extension Style: CustomStringConvertible {
  /// The style for people: `184 on 54 bold`; `default` stands for the terminal's own colour.
  public var description: String {
    var words = [foreground.map(\.description) ?? "default"]
    if let background { words.append("on \(background)") }
    let names: [(Attributes, String)] = [
      (.bold, "bold"), (.dim, "dim"), (.italic, "italic"), (.underline, "underline"), (.reverse, "reverse"),
    ]
    words += names.filter { attributes.contains($0.0) }.map(\.1)
    return words.joined(separator: " ")
  }
}
