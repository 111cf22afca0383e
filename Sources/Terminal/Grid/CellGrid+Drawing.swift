extension CellGrid {
  /// Writes one line of text from (`x`, `y`) on, in at most `maxWidth` cells, and returns the x after it.
  ///
  /// A wide character that would be cut by the edge becomes blanks, and so does the rest of a wide character
  /// that is half overwritten. Controls draw nothing; a newline draws a blank.
  @discardableResult
  public mutating func write<Text: StringProtocol>(
    _ text: Text, x: Int, y: Int, style: Style = .plain, maxWidth: Int = .max
  ) -> Int where Text.SubSequence == Substring {
    let limit = maxWidth > size.width - x ? max(x, size.width) : x + max(0, maxWidth)
    var scanner = GlyphScanner(text[...])
    var column = x
    while column < limit, let glyph = scanner.next(column: column - x) {
      let isCut = column < 0 || column + glyph.width > limit
      if glyph.base == "\n" || glyph.base == "\t" || isCut {
        let end = min(limit, column + max(1, glyph.width))
        while column < end {
          put(" ", width: 1, x: column, y: y, style: style)
          column += 1
        }
      } else {
        put(glyph.text, width: glyph.width, x: column, y: y, style: style)
        column += glyph.width
      }
    }
    return column
  }

  /// Makes the rectangle blank, or full of `text` (one narrow character), in `style`.
  public mutating func fill(_ rect: Rect, _ text: String = " ", style: Style = .plain) {
    let rect = rect.intersection(bounds), glyph = GlyphText(text)
    for y in rect.minY..<rect.maxY {
      for x in rect.minX..<rect.maxX { put(glyph, width: 1, x: x, y: y, style: style) }
    }
  }

  /// Copies the cells of the rectangle from a grid of the same size.
  public mutating func copy(_ rect: Rect, from other: CellGrid) {
    let rect = rect.intersection(bounds)
    for y in rect.minY..<rect.maxY {
      for x in rect.minX..<rect.maxX { self[x, y] = other[x, y] }
    }
  }

  /// Changes the style of the cells of the rectangle and leaves their text: selections, marked words.
  public mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
    let rect = rect.intersection(bounds)
    for y in rect.minY..<rect.maxY {
      for x in rect.minX..<rect.maxX { change(&self[x, y].style) }
    }
  }

  /// Two pixels, one above the other, in one cell; nil shows the terminal's own background.
  public mutating func setPixels(x: Int, y: Int, upper: Color?, lower: Color?) {
    let (glyph, style): (GlyphText, Style) =
      switch (upper, lower) {
      case (nil, nil): (" ", .plain)
      case (nil, let lower): ("▄", Style(foreground: lower))
      case (let upper, let lower): ("▀", Style(foreground: upper, background: lower))
      }
    put(glyph, width: 1, x: x, y: y, style: style)
  }

  /// Puts a character that is `width` cells wide, and blanks the rest of wide ones that it cuts in half.
  mutating func put(_ glyph: GlyphText, width: Int, x: Int, y: Int, style: Style) {
    if self[x, y].glyph.isEmpty { self[x - 1, y].glyph = " " }
    self[x, y] = Cell(glyph, style: style)
    if width == 2 {
      if x + 2 < size.width, self[x + 2, y].glyph.isEmpty { self[x + 2, y].glyph = " " }
      self[x + 1, y] = Cell("", style: style)
    } else if x + 1 < size.width, self[x + 1, y].glyph.isEmpty {
      self[x + 1, y].glyph = " "
    }
  }
}

extension Rect {
  /// The part that both cover; empty, at this one's origin, if they do not meet.
  public func intersection(_ other: Rect) -> Rect {
    let x = max(minX, other.minX)
    let y = max(minY, other.minY)
    let width = min(maxX, other.maxX) - x
    let height = min(maxY, other.maxY) - y
    return width > 0 && height > 0
      ? Rect(x: x, y: y, width: width, height: height) : Rect(x: minX, y: minY, width: 0, height: 0)
  }

  /// The rectangle without `margin` cells at each side; with a margin of 1, the inside of a frame.
  public func inset(by margin: Int = 1) -> Rect {
    Rect(x: minX + margin, y: minY + margin, width: width - 2 * margin, height: height - 2 * margin)
  }

  /// Whether the point is inside.
  public func contains(_ point: Point) -> Bool {
    point.x >= minX && point.x < maxX && point.y >= minY && point.y < maxY
  }
}
