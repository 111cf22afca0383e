import Terminal

/// Text that means one thing.
struct Span: Sendable, Hashable {
  var text: String
  var element: Element
  init(_ text: String, _ element: Element = .text) {
    self.text = text
    self.element = element
  }
}

/// One line of the screen before it has colours.
typealias Line = [Span]

extension Line {
  var width: Int { reduce(0) { $0 + $1.text.cellWidth } }
  var plainText: String { map(\.text).joined() }

  /// `…` marks what did not fit.
  func truncated(width: Int) -> Line {
    guard self.width > width else { return self }
    guard width > 0 else { return [] }
    var room = width
    var line: Line = []
    for span in self {
      let spanWidth = span.text.cellWidth
      // The ellipsis needs a cell, so a span may only fill the line if nothing follows it.
      if spanWidth < room {
        line.append(span)
        room -= spanWidth
      } else {
        var cut = span.text.truncated(width: room, ellipsis: "")
        if cut.cellWidth == room { cut = cut.truncated(width: room - 1, ellipsis: "") }
        line.append(Span(cut + "…", span.element))
        break
      }
    }
    return line
  }
}

/// The grid to draw into, with the theme that gives elements their styles.
struct Canvas {
  var grid: CellGrid
  let theme: Theme
  let colors: ColorDepth

  init(size: Size, theme: Theme, colors: ColorDepth) {
    self.init(CellGrid(size: size, style: theme[.text]), theme: theme, colors: colors)
  }

  /// A canvas that something is on already.
  init(_ grid: CellGrid, theme: Theme, colors: ColorDepth) {
    self.grid = grid
    self.theme = theme
    self.colors = colors
  }

  var size: Size { grid.size }

  /// Writes `line` into at most `width` cells and returns the x after it.
  @discardableResult
  mutating func write(_ line: Line, x: Int, y: Int, width: Int = .max, on ground: Element = .text) -> Int {
    let room = Swift.min(width, Swift.max(0, size.width - x))
    var column = x
    for span in line.truncated(width: room) {
      column = grid.write(
        span.text, x: column, y: y, style: theme.style(span.element, on: ground),
        maxWidth: room - (column - x))
    }
    return column
  }

  @discardableResult
  mutating func write(
    _ text: String, _ element: Element = .text, x: Int, y: Int, width: Int = .max, on ground: Element = .text
  ) -> Int {
    write([Span(text, element)], x: x, y: y, width: width, on: ground)
  }

  /// Writes `line` so that it ends before `x`.
  mutating func write(_ line: Line, endingAt x: Int, y: Int, on ground: Element = .text) {
    write(line, x: Swift.max(0, x - line.width), y: y, on: ground)
  }

  mutating func fill(_ rect: Rect, _ element: Element) { grid.fill(rect, style: theme[element]) }

  /// Makes row `y` look like `element` from `x` on; to be written over with `on: element`.
  mutating func fillRow(_ y: Int, _ element: Element) {
    fill(Rect(x: 0, y: y, width: size.width, height: 1), element)
  }

  /// Draws into a part of the canvas as if it were all of it.
  mutating func draw(in rect: Rect, _ body: (inout Canvas) -> Void) {
    let whole = grid.window
    grid.narrow(to: rect)
    body(&self)
    grid.window = whole
  }
}

extension String {
  /// With spaces after it.
  func padding(toWidth width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - cellWidth))
  }

  /// With spaces before it.
  func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - cellWidth)) + self }
}
