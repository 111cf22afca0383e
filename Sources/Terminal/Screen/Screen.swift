import CTerminal
import Foundation
import IO

/// The terminal in raw mode, on its alternate screen: shows cell grids, and restores the terminal however the
/// program ends.
///
/// Belongs to the main thread, as all of ncurses does. There is one at a time.
@MainActor
public final class Screen {
  /// The terminal's size in cells.
  public private(set) var size: Size
  /// The colours that are shown: as many as `NO_COLOR`, the options and the terminal allow.
  public let colors: ColorDepth

  let signals: SignalPipe
  private let modes: TerminalModes
  private let standardError: StandardErrorLog
  private var pairs: ColorPairs
  private var shown: CellGrid?
  private var isUp = true
  /// The time when the terminal was asked for something that it has not told yet.
  var askedForBackground: ContinuousClock.Instant?

  init(terminal: String, colors: ColorDepth, options: Options, signals: SignalPipe) {
    self.colors = colors
    self.signals = signals
    modes = TerminalModes(isXterm: ct_screen_is_xterm(), mouse: options.mouse)
    standardError = StandardErrorLog(path: options.logPath)
    pairs = ColorPairs(limit: colors == .mono ? 0 : Int(ct_screen_pairs()), colors: colors)
    size = Screen.fit()
    armForCrashes()
    modes.enter()
  }

  // MARK: - Showing

  /// Makes the terminal show the grid; only cells that differ from those on the screen are sent.
  public func show(_ grid: CellGrid) {
    guard isUp, grid != shown else { return }
    var changes = changes(to: grid)
    if pairs.prepare(for: grid, changes: changes, colors: colors) {
      shown = nil
      changes = self.changes(to: grid)
      // What ncurses takes for the same colours may be others now.
      if pairs.slots != nil { ct_screen_invalidate() }
    }
    var pen = pen(.plain)
    for (y, changed) in changes.enumerated() {
      guard let changed else { continue }
      var x = changed.lowerBound
      while x < changed.upperBound {
        let cell = grid[x, y]
        if cell.style != pen.style { pen = self.pen(cell.style) }
        x += put(cell.glyph, pen, x: x, y: y)
      }
    }
    let cursor = grid.cursor.flatMap { Rect(size: size).contains($0) ? $0 : nil }
    var count = 0
    let bytes = ct_screen_update(Int32(cursor?.x ?? -1), Int32(cursor?.y ?? -1), &count)
    let update = UnsafeBufferPointer(start: bytes, count: count)
    if let slots = pairs.slots { modes.show(slots.translated(update)) } else { modes.show(update) }
    shown = grid
  }

  /// For each row, the columns that must be put.
  private func changes(to grid: CellGrid) -> [Range<Int>?] {
    (0..<min(grid.size.height, size.height)).map { grid.changes(from: shown, row: $0, width: size.width) }
  }

  /// A style in ncurses' terms.
  private struct Pen {
    let style: Style
    let attributes, pair: Int32
  }

  private func pen(_ style: Style) -> Pen {
    let reduced = style.reduced(to: colors)
    return Pen(style: style, attributes: Int32(reduced.attributes.rawValue), pair: Int32(pairs[reduced]))
  }

  /// Puts one glyph and returns how many columns it took.
  private func put(_ glyph: GlyphText, _ pen: Pen, x: Int, y: Int) -> Int {
    let glyph = TerminalGlyph(glyph, columnsLeft: size.width - x)
    write(glyph.text, pen, x: x, y: y)
    if glyph.isNarrower { write(" ", pen, x: x + 1, y: y) }
    return glyph.width
  }

  private func write(_ text: GlyphText, _ pen: Pen, x: Int, y: Int) {
    let count = text.count
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: GlyphText.capacity) { scalars in
      for place in 0..<count { scalars.initializeElement(at: place, to: text[place]) }
      ct_screen_put(Int32(x), Int32(y), scalars.baseAddress, count, pen.attributes, pen.pair)
    }
  }

  /// Repaints everything at the next `show`: other programs may have written to the terminal.
  public func redraw() {
    guard isUp else { return }
    shown = nil
    ct_screen_invalidate()
  }

  // MARK: - Other things a terminal does

  /// Offers text to the clipboard of the person's machine, also over ssh, and gives it to tmux where the
  /// program runs in it.
  public func copy(_ text: String) -> CopyReach {
    guard isUp else { return .refused }
    switch TmuxBuffer.load(text) {
    case .bufferAndTerminal: return .tmux
    case .buffer:
      _ = offerToTerminal(text)
      return .tmux
    case .nowhere: return offerToTerminal(text) ? .offered : .refused
    }
  }

  /// Sends OSC 52, as long as xterm takes it; false if it was not sent.
  private func offerToTerminal(_ text: String) -> Bool {
    let encoded = Data(text.utf8).base64EncodedString()
    guard modes.isXterm, encoded.utf8.count <= 99_000 else { return false }
    TerminalModes.write(Array("\u{1B}]52;c;\(encoded)\u{7}".utf8))
    return true
  }

  /// Asks for the colour of the background (OSC 11). The answer comes as `InputEvent.background`, soon, late
  /// or never; false where there is nobody to ask.
  @discardableResult
  public func askForBackground() -> Bool {
    guard isUp, modes.isXterm else { return false }
    TerminalModes.write(Array("\u{1B}]11;?\u{1B}\\".utf8))
    askedForBackground = ContinuousClock.now
    return true
  }

  /// Takes an answer that is still on its way, which the shell would take for something typed.
  private func awaitAnswer() {
    guard let asked = askedForBackground else { return }
    let deadline = asked + Self.answerPatience
    var bytes = [UInt8](repeating: 0, count: 256)
    var decoder = InputDecoder()
    while ContinuousClock.now < deadline {
      let left = Int32(max(0, (deadline - ContinuousClock.now) / .milliseconds(1)))
      var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, left + 1) > 0 else { return }
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      guard count > 0 else { return }
      let isAnswered = decoder.decode(bytes[..<count]).contains {
        if case .background = $0 { true } else { false }
      }
      if isAnswered { return }
    }
  }

  /// The longest that the terminal's answers take, over slow lines too.
  private static let answerPatience = Duration.milliseconds(300)

  /// Beeps or flashes, as the person set the terminal.
  public func ringBell() {
    if isUp { ct_screen_beep() }
  }

  /// Whether the terminal reports the mouse; while it does not, it selects text by itself.
  public var reportsMouse: Bool {
    get { modes.mouse }
    set { if isUp { modes.mouse = newValue } }
  }

  // MARK: - Coming and going

  /// Gives the terminal back and stops the process, as Ctrl-Z does elsewhere; returns, with the terminal
  /// taken over again, when the process is continued.
  public func suspend() {
    guard isUp else { return }
    giveBack()
    ct_signals_stop_self()
    takeOver()
  }

  /// Gives the terminal back for a while, as it was at the start.
  func giveBack() {
    modes.leave()
    standardError.restore()
    ct_screen_pause()
    ct_modes_restore()
    ct_crash_disarm()
  }

  /// Takes the terminal over after ``giveBack()``.
  func takeOver() {
    ct_modes_restore()
    standardError.redirect()
    resume()
  }

  /// Takes the terminal over again after something else had it.
  func resume() {
    guard isUp else { return }
    ct_screen_resume()
    modes.enter()
    armForCrashes()
    refit()
    shown = nil
  }

  /// Follows the terminal to a new size.
  func refit() {
    guard isUp else { return }
    let now = Screen.fit()
    if now != size { shown = nil }
    size = now
  }

  /// Gives the terminal back for good, as it was at the start.
  public func stop() {
    guard isUp else { return }
    awaitAnswer()
    modes.leave()
    isUp = false
    ct_screen_stop()
    ct_modes_restore()
    ct_crash_disarm()
    signals.close()
    standardError.restore()
  }

  private static func fit() -> Size {
    var width: Int32 = 0
    var height: Int32 = 0
    ct_screen_fit(&width, &height)
    return Size(width: Int(width), height: Int(height))
  }

  /// From now on a crash undoes what was done to the terminal.
  private func armForCrashes() {
    var terminfo = [UInt8](repeating: 0, count: 256)
    let count = ct_screen_restore_bytes(&terminfo, terminfo.count)
    let bytes = Array(modes.leaving.utf8) + terminfo[..<count]
    ct_crash_arm(bytes, bytes.count, standardError.original)
  }
}
