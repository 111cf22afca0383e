import Terminal

/// All keys and commands, from the tables that carry them out.
enum HelpOverlay {
  static func draw(_ state: AppState, scroll: Int, on canvas: inout Canvas) {
    let lines = lines(state)
    let room = Popup.room(canvas.size)
    let first = min(scroll, max(0, lines.count - room))
    let footer =
      lines.count > room
      ? "\(min(lines.count, first + room))/\(lines.count) · ↓ more · Esc closes" : "Esc closes"
    // The box keeps its width while it scrolls.
    let width = min(lines.map(\.width).max() ?? 0, canvas.size.width - 4)
    var shown = Array(lines[first...].prefix(room))
    if let line = shown.first {
      shown[0] = line + [Span(String(repeating: " ", count: max(0, width - line.width)))]
    }
    Popup.draw("Keys and commands", shown, footer: footer, on: &canvas)
  }

  static func lastScroll(_ state: AppState) -> Int { max(0, lines(state).count - Popup.room(state.size)) }

  /// The commands that mean something without a screen, one a line.
  static var commandList: String {
    Command.all.filter { !$0.isOnScreenOnly }
      .map { row($0.synopsis, $0.summary, width: synopsisWidth).plainText }.joined(separator: "\n")
  }

  private static func lines(_ state: AppState) -> [Line] {
    var lines = section("Everywhere", state.keys.global)
    lines += [row("Esc", "back to the input line"), row("/", "begin a command")]
    for (pane, title) in [
      (PaneID.layers, "Layers"), (.heatmap, "Heatmap"), (.chat, "Chat"), (.compare, "Compare"),
    ] {
      lines += [[]] + section(title, state.keys[pane])
    }
    lines += [[], [Span("Commands", .heading)]]
    for command in Command.all {
      lines.append(row(command.synopsis, command.summary, width: synopsisWidth))
    }
    return lines
  }

  private static let synopsisWidth = Command.all.map(\.synopsis.cellWidth).max() ?? 0

  private static func section(_ title: String, _ bindings: [KeyBinding]) -> [Line] {
    [[Span(title, .heading)]] + bindings.map { row($0.keyNames, $0.summary) }
  }

  private static func row(_ key: String, _ text: String, width: Int = 12) -> Line {
    [Span(key.padding(toWidth: width), .key), Span("  " + text)]
  }
}
