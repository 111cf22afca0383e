/// A colour of the 256-colour palette, or any other; back ends map it down to what the terminal has.
public struct Color: Hashable, Sendable {
  /// The number in the palette, or the components after ``rgbMark``.
  let code: UInt32
  static let rgbMark: UInt32 = 1 << 24

  /// A colour of the palette: 0…15 the 16 colours of the terminal, 16…231 a cube of 6 × 6 × 6, 232…255 greys.
  public init(_ index: UInt8) { code = UInt32(index) }

  /// A colour by its components; terminals with 256 colours show the nearest that they have.
  public init(_ rgb: RGB) {
    code = Self.rgbMark | UInt32(rgb.red) << 16 | UInt32(rgb.green) << 8 | UInt32(rgb.blue)
  }

  init(code: UInt32) { self.code = code }
}

/// Attributes of a cell's text; terminals may lack some.
public struct Attributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let bold = Attributes(rawValue: 1)
  public static let dim = Attributes(rawValue: 2)
  public static let italic = Attributes(rawValue: 4)
  public static let underline = Attributes(rawValue: 8)
  public static let reverse = Attributes(rawValue: 16)
}

/// The style of a cell; nil colours are the terminal's own.
public struct Style: Hashable, Sendable {
  // The codes of the colours, plus 1; 0 for none. Grids are compared cell by cell: this keeps cells small.
  private var front: UInt32
  private var back: UInt32
  public var attributes: Attributes

  public init(foreground: Color? = nil, background: Color? = nil, attributes: Attributes = []) {
    front = foreground.map { $0.code + 1 } ?? 0
    back = background.map { $0.code + 1 } ?? 0
    self.attributes = attributes
  }

  public var foreground: Color? {
    get { front == 0 ? nil : Color(code: front - 1) }
    set { front = newValue.map { $0.code + 1 } ?? 0 }
  }

  public var background: Color? {
    get { back == 0 ? nil : Color(code: back - 1) }
    set { back = newValue.map { $0.code + 1 } ?? 0 }
  }

  /// The terminal's own colours, without attributes.
  public static let plain = Style()
}

/// A cell of a terminal: a glyph and its style.
public struct Cell: Hashable, Sendable {
  /// One glyph; empty in the second cell of a wide one.
  var glyph: GlyphText
  public var style: Style
  /// A cell of one glyph.
  public init(_ text: String, style: Style = .plain) {
    self.init(GlyphText(text), style: style)
  }
  init(_ glyph: GlyphText, style: Style) {
    self.glyph = glyph
    self.style = style
  }
  /// The glyph as text.
  public var text: String { glyph.string }
  /// A plain space.
  public static let blank = Cell(" ")
}

/// A place in cells, counted from the upper left.
public struct Point: Hashable, Sendable {
  public var x: Int
  public var y: Int
  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// Extents in cells.
public struct Size: Hashable, Sendable {
  public var width: Int
  public var height: Int
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// A rectangle of cells; `maxX` and `maxY` are exclusive.
public struct Rect: Hashable, Sendable {
  public var origin: Point
  public var size: Size
  public init(x: Int, y: Int, width: Int, height: Int) {
    origin = Point(x: x, y: y)
    size = Size(width: max(0, width), height: max(0, height))
  }
  public var minX: Int { origin.x }
  public var minY: Int { origin.y }
  public var maxX: Int { origin.x + size.width }
  public var maxY: Int { origin.y + size.height }
  public var width: Int { size.width }
  public var height: Int { size.height }
}

/// The contents of a screen: a value that panes draw into and a back end puts on the terminal. Drawing
/// outside is clipped.
public struct CellGrid: Hashable, Sendable {
  /// All cells of the whole grid, row by row.
  public private(set) var cells: [Cell]
  private let width: Int
  /// The part that is drawn into, in cells of the whole; other coordinates count from its corner.
  public var window: Rect
  /// The place of the terminal's cursor in the whole grid.
  private var place: Point?

  /// A grid of blanks.
  public init(size: Size, style: Style = .plain) {
    window = Rect(x: 0, y: 0, width: size.width, height: size.height)
    width = window.width
    cells = Array(repeating: Cell(" ", style: style), count: window.width * window.height)
  }

  /// The size of the window.
  public var size: Size { window.size }
  /// The window in its own coordinates.
  public var bounds: Rect { Rect(x: 0, y: 0, width: window.width, height: window.height) }

  /// The place of the terminal's cursor; nil hides it.
  public var cursor: Point? {
    get { place.map { Point(x: $0.x - window.minX, y: $0.y - window.minY) } }
    set { place = newValue.map { Point(x: $0.x + window.minX, y: $0.y + window.minY) } }
  }

  /// The cell at (`x`, `y`); outside it is blank, and setting it does nothing.
  public subscript(x: Int, y: Int) -> Cell {
    get { contains(x, y) ? cells[index(x, y)] : .blank }
    _modify {
      if contains(x, y) {
        yield &cells[index(x, y)]
      } else {
        var outside = Cell.blank
        yield &outside
      }
    }
  }

  private func contains(_ x: Int, _ y: Int) -> Bool {
    x >= 0 && y >= 0 && x < window.width && y < window.height
  }

  private func index(_ x: Int, _ y: Int) -> Int {
    (window.minY + y) * width + window.minX + x
  }

  /// Confines drawing to a part of the present window, as if it were the whole grid, until `window` is set
  /// back.
  public mutating func narrow(to rect: Rect) {
    let part = rect.intersection(bounds)
    window = Rect(
      x: window.minX + part.minX, y: window.minY + part.minY, width: part.width, height: part.height)
  }
}
