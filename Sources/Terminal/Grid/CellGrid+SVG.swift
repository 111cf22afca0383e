extension CellGrid {
  /// The grid as an SVG picture: monospaced text over rectangles of background, in xterm's colours.
  ///
  /// - Parameters:
  ///   - foreground: The colour that stands for the terminal's own text colour.
  ///   - background: The colour that stands for its background.
  public func svg(
    foreground: RGB = RGB(red: 0xD8, green: 0xD8, blue: 0xD8),
    background: RGB = RGB(red: 0x16, green: 0x16, blue: 0x1A)
  ) -> String {
    let width = size.width * SVG.cellWidth
    let height = size.height * SVG.cellHeight
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" "#
        + #"width="\#(width)" height="\#(height)">"#,
      #"<rect width="100%" height="100%" fill="\#(background.hex)"/>"#,
    ]
    let colors = SVG.Colors(foreground: foreground, background: background)
    for y in 0..<size.height { lines += backgroundRuns(y: y, colors: colors) }
    lines.append(
      #"<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" "#
        + #"font-size="\#(SVG.fontSize)" xml:space="preserve">"#
    )
    for y in 0..<size.height { lines += textRuns(y: y, colors: colors) }
    lines += ["</g>", "</svg>", ""]
    return lines.joined(separator: "\n")
  }

  private func backgroundRuns(y: Int, colors: SVG.Colors) -> [String] {
    runs(y: y) { colors.resolve($0.style).background }.compactMap { x, end, color in
      guard let color else { return nil }
      return
        #"<rect x="\#(x * SVG.cellWidth)" y="\#(y * SVG.cellHeight)" "#
        + #"width="\#((end - x) * SVG.cellWidth)" height="\#(SVG.cellHeight)" fill="\#(color.hex)"/>"#
    }
  }

  private func textRuns(y: Int, colors: SVG.Colors) -> [String] {
    runs(y: y) { $0.style }.flatMap { x, end, style in
      var lines: [String] = []
      var blocks = ""
      var boxLines = ""
      var text = SVG.Text(x: x, y: y, color: colors.resolve(style).foreground, attributes: style.attributes)
      for column in x..<end {
        let glyph = self[column, y].glyph
        // Blocks and lines are drawn, since fonts leave seams between their pictures of them.
        let block = SVG.block(glyph.string, x: column, y: y)
        let arms = SVG.boxLines(glyph, x: column, y: y)
        if block == nil, arms == nil {
          text.content += glyph.string
        } else {
          if let element = text.element(end: column) { lines.append(element) }
          blocks += block ?? ""
          boxLines += arms ?? ""
          text.restart(x: column + 1)
        }
      }
      if let element = text.element(end: end) { lines.append(element) }
      let color = text.color.hex
      if !blocks.isEmpty { lines.append(#"<path d="\#(blocks)" fill="\#(color)"/>"#) }
      if !boxLines.isEmpty { lines.append(#"<path d="\#(boxLines)" stroke="\#(color)"/>"#) }
      return lines
    }
  }

  /// The row in stretches of cells that look the same; the end is exclusive.
  private func runs<Look: Equatable>(y: Int, _ look: (Cell) -> Look) -> [(x: Int, end: Int, look: Look)] {
    var result: [(x: Int, end: Int, look: Look)] = []
    for x in 0..<size.width {
      let next = look(self[x, y])
      if let last = result.last, last.look == next {
        result[result.count - 1].end = x + 1
      } else {
        result.append((x, x + 1, next))
      }
    }
    return result
  }
}

private enum SVG {
  // Both divide by 8, as block elements do.
  static let cellWidth = 8
  static let cellHeight = 16
  /// The size at which the usual monospaced fonts are as wide as a cell.
  static let fontSize = 13.3

  struct Colors {
    var foreground: RGB
    var background: RGB

    /// The colours a cell has once reverse and dim are applied; nil is the picture's own background.
    func resolve(_ style: Style) -> (foreground: RGB, background: RGB?) {
      var front = style.foreground?.rgb ?? foreground
      var back = style.background?.rgb
      if style.attributes.contains(.reverse) { (front, back) = (back ?? background, front) }
      if style.attributes.contains(.dim) { front = front.mixed(with: back ?? background) }
      return (front, back)
    }
  }

  /// A stretch of text in one style.
  struct Text {
    var x: Int
    let y: Int
    let color: RGB
    let attributes: Attributes
    var content = ""

    init(x: Int, y: Int, color: RGB, attributes: Attributes) {
      self.x = x
      self.y = y
      self.color = color
      self.attributes = attributes
    }

    mutating func restart(x: Int) {
      self.x = x
      content = ""
    }

    /// The element that ends before column `end`; nil if it would show nothing.
    func element(end: Int) -> String? {
      var content = content[...]
      var x = x
      var end = end
      if !attributes.contains(.underline) {
        while content.first == " " {
          content.removeFirst()
          x += 1
        }
        while content.last == " " {
          content.removeLast()
          end -= 1
        }
      }
      if content.isEmpty { return nil }
      var extra = ""
      if attributes.contains(.bold) { extra += #" font-weight="bold""# }
      if attributes.contains(.italic) { extra += #" font-style="italic""# }
      if attributes.contains(.underline) { extra += #" text-decoration="underline""# }
      // textLength keeps the columns straight whatever font the viewer has.
      return
        #"<text x="\#(x * cellWidth)" y="\#(y * cellHeight + 12)" "#
        + #"textLength="\#((end - x) * cellWidth)" lengthAdjust="spacingAndGlyphs" "#
        + #"fill="\#(color.hex)"\#(extra)>\#(content.escapedForXML)</text>"#
    }
  }

  /// The path of a light box-drawing character.
  static func boxLines(_ glyph: GlyphText, x: Int, y: Int) -> String? {
    let arms = Border.light.arms(of: glyph)
    if arms.isEmpty { return nil }
    let middle = (x: x * cellWidth + cellWidth / 2, y: y * cellHeight + cellHeight / 2)
    var path = ""
    if !arms.isDisjoint(with: .horizontal) {
      let left = arms.contains(.left) ? x * cellWidth : middle.x
      path += "M\(left) \(middle.y)H\(arms.contains(.right) ? (x + 1) * cellWidth : middle.x)"
    }
    if !arms.isDisjoint(with: .vertical) {
      let top = arms.contains(.up) ? y * cellHeight : middle.y
      path += "M\(middle.x) \(top)V\(arms.contains(.down) ? (y + 1) * cellHeight : middle.y)"
    }
    return path
  }

  /// The path of a block element, which is some eighths of a cell.
  static func block(_ text: String, x: Int, y: Int) -> String? {
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else { return nil }
    let value = Int(scalar.value)
    let (left, top) = (x * cellWidth, y * cellHeight)
    switch value {
    case 0x2580: return "M\(left) \(top)h\(cellWidth)v\(cellHeight / 2)h-\(cellWidth)z"
    case 0x2581...0x2588:
      let height = cellHeight * (value - 0x2580) / 8
      return "M\(left) \(top + cellHeight - height)h\(cellWidth)v\(height)h-\(cellWidth)z"
    case 0x2589...0x258F:
      let width = cellWidth * (0x2590 - value) / 8
      return "M\(left) \(top)h\(width)v\(cellHeight)h-\(width)z"
    default: return nil
    }
  }
}

extension RGB {
  fileprivate func mixed(with other: RGB) -> RGB {
    func middle(_ one: UInt8, _ two: UInt8) -> UInt8 { UInt8((Int(one) * 3 + Int(two) * 2) / 5) }
    return RGB(
      red: middle(red, other.red), green: middle(green, other.green), blue: middle(blue, other.blue))
  }
}
