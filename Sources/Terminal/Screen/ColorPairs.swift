import CTerminal

/// ncurses' numbered pairs of colours, given out as styles need them.
///
/// A heatmap of n colours needs n² of them, and terminals have from 64 to 65,536. When they run out, all are
/// assigned anew to the styles that are on the screen then; if those alone are too many, the last ones show
/// their foreground only, or neither colour.
struct ColorPairs {
  private struct Colors: Hashable {
    var foreground: Color?
    var background: Color?

    /// Foregrounds alone come first: they carry text.
    var order: Int {
      ((background.map { Int($0.code) + 1 } ?? 0) << 32) + (foreground.map { Int($0.code) + 1 } ?? 0)
    }

    var both: [Color] { [foreground, background].compactMap { $0 } }
  }

  /// Pairs are numbered below this; 0 is the terminal's own colours.
  private let limit: Int
  private let define: (Int, Color?, Color?) -> Bool
  private var numbers: [Colors: Int] = [:]
  /// On terminals that show all colours.
  private(set) var slots: ColorSlots?

  init(
    limit: Int, colors: ColorDepth = .palette256,
    define: @escaping (Int, Color?, Color?) -> Bool = ColorPairs.defineInNcurses
  ) {
    self.limit = limit
    self.define = define
    slots = colors == .trueColor ? ColorSlots() : nil
  }

  /// Makes sure that the grid's styles have pairs. True if numbers now mean other colours, so that
  /// everything must be put again.
  ///
  /// - Parameter changes: the columns of each row that are to be put; where all have pairs, that is all.
  mutating func prepare(for grid: CellGrid, changes: [Range<Int>?], colors: ColorDepth) -> Bool {
    guard limit > 1 else { return false }
    let isPrepared = changes.enumerated().allSatisfy { y, columns in
      allColors(grid, y: y, columns ?? 0..<0, colors) { numbers[$0] != nil }
    }
    if isPrepared { return false }
    var needed: Set<Colors> = []
    for y in 0..<grid.size.height {
      _ = allColors(grid, y: y, 0..<grid.size.width, colors) {
        needed.insert($0)
        return true
      }
    }
    var missing = needed.filter { numbers[$0] == nil }
    let hasRoom =
      numbers.count + missing.count < limit && slots?.hasRoom(for: missing.flatMap(\.both)) != false
    let redefined = !hasRoom && !missing.isEmpty && !numbers.isEmpty
    if redefined {
      numbers = [:]
      slots?.removeAll()
      missing = needed
    }
    // In a fixed order, so that the same ones are left out each time.
    for colors in missing.sorted(by: { $0.order < $1.order }) {
      let number = numbers.count + 1
      guard number < limit, define(number, known(colors.foreground), known(colors.background)) else { break }
      numbers[colors] = number
    }
    return redefined
  }

  /// The colour that ncurses is told of.
  private mutating func known(_ color: Color?) -> Color? {
    guard let color, let number = slots?.number(of: color) else { return color }
    return Color(UInt8(number))
  }

  /// Whether `holds` is true of all colours that part of a row needs a pair for; stops at the first for which
  /// it is not.
  private func allColors(
    _ grid: CellGrid, y: Int, _ columns: Range<Int>, _ depth: ColorDepth, _ holds: (Colors) -> Bool
  ) -> Bool {
    var last = Style.plain
    for x in columns where grid[x, y].style != last {
      last = grid[x, y].style
      let style = last.reduced(to: depth)
      let colors = Colors(foreground: style.foreground, background: style.background)
      guard colors == Colors() || holds(colors) else { return false }
    }
    return true
  }

  /// The pair of a style that was in the prepared grid.
  subscript(style: Style) -> Int {
    numbers[Colors(foreground: style.foreground, background: style.background)]
      ?? numbers[Colors(foreground: style.foreground, background: nil)] ?? 0
  }

  private static func defineInNcurses(_ number: Int, _ foreground: Color?, _ background: Color?) -> Bool {
    ct_screen_define_pair(
      Int32(number), foreground.map { Int32($0.index) } ?? -1, background.map { Int32($0.index) } ?? -1)
  }
}
