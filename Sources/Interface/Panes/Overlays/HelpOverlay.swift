import Terminal

/// All keys and commands, from the tables that carry them out.
struct HelpOverlay: OverlayView {
  let name = "help"
  let heading = "Help"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "scroll up") { scroll(&$0, by: -1) },
    .changing("down", .keys(.down, "j"), "scroll down") { scroll(&$0, by: 1) },
    .changing("page-up", .keys(.pageUp), "half a page up") { scroll(&$0, by: -$0.size.height / 2) },
    .changing("page-down", .keys(.pageDown, " "), "half a page down") { scroll(&$0, by: $0.size.height / 2) },
    .changing("start", .keys(.home), "the beginning") { scroll(&$0, by: -.max / 2) },
    .changing("end", .keys(.end), "the end") { scroll(&$0, by: .max / 2) },
    .close(.keys(.escape, .enter, .function(1), "q", "?") + [.control("c")]),
  ]

  private static func scroll(_ state: inout AppState, by rows: Int) {
    guard case .help(let scroll) = state.overlay else { return }
    let last = max(0, lines(state).count - Popup.room(state.size))
    state.overlay = .help(scroll: max(0, min(scroll + rows, last)))
  }

  func title(_ state: AppState) -> String { "Keys and commands" }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard case .help(let scroll) = state.overlay else { return }
    let lines = Self.lines(state)
    let room = Popup.room(canvas.size)
    let first = min(scroll, max(0, lines.count - room))
    let closes = "\(key("close", state)) closes"
    let footer =
      lines.count > room
      ? "\(min(lines.count, first + room))/\(lines.count) · \(key("down", state)) more · \(closes)" : closes
    // The box keeps its width while it scrolls.
    let width = min(lines.map(\.width).max() ?? 0, canvas.size.width - 4)
    var shown = Array(lines[first...].prefix(room))
    if let line = shown.first {
      shown[0] = line + [Span(String(repeating: " ", count: max(0, width - line.width)))]
    }
    Popup.draw(title(state), shown, footer: footer, on: &canvas)
  }

  /// The commands that mean something without a screen, one a line.
  static var commandList: [String] {
    Command.all.filter { !$0.isOnScreenOnly }
      .map { row($0.synopsis, $0.summary, width: synopsisWidth).plainText }
  }

  private static func lines(_ state: AppState) -> [Line] {
    var lines: [Line] = []
    for section in KeyMap.sections {
      let bindings = state.keys[section]
      // A pane that can but be zoomed needs no section.
      guard bindings.contains(where: { $0.action != KeyBinding.zoom.action }) else { continue }
      lines += (lines.isEmpty ? [] : [[]]) + [[Span(section.heading, .heading)]]
      lines += bindings.map { row($0.keyNames, $0.summary) }
      if section.name == GlobalKeys().name {
        lines += [row("Esc", "back to the input line"), row("/", "begin a command")]
      }
    }
    lines += [[], [Span("Commands", .heading)]]
    for command in Command.all {
      lines.append(row(command.synopsis, command.summary, width: synopsisWidth))
    }
    return lines
  }

  private static let synopsisWidth = Command.all.map(\.synopsis.cellWidth).max() ?? 0

  private static func row(_ key: String, _ text: String, width: Int = 12) -> Line {
    [Span(key.padding(toWidth: width), .key), Span("  " + text)]
  }
}
