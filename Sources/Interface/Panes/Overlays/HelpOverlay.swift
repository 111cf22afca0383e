import Terminal

/// All keys and commands, from the tables that carry them out.
struct HelpOverlay: OverlayView {
  let name = "help"
  let heading = "Help"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] =
    KeyBinding.scrolling + [
      .changing("search", .keys("/"), "show what holds some words; Enter ends them") {
        $0.helpSearch.begin()
      },
      .changing("close", .keys(.escape, .enter, .function(1), "q", "?") + [.control("c")], "close") { state in
        state.overlay = nil
        state.helpSearch = HelpSearch()
      },
    ]

  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]? {
    guard state.helpSearch.isTyping, chord.modifiers.isEmpty else { return nil }
    switch chord.key {
    case .character(let character): state.helpSearch.type(character)
    case .backspace: state.helpSearch.erase()
    case .enter: state.helpSearch.end()
    case .escape: state.helpSearch = HelpSearch()
    default: return nil
    }
    state.overlay = .help(scroll: 0)
    return []
  }

  func rowCount(_ state: AppState) -> Int { Self.lines(state).count }

  func title(_ state: AppState) -> String {
    let search = state.helpSearch
    guard search.isTyping || !search.text.isEmpty else { return "Keys and commands" }
    return "Keys and commands with: " + search.text.sanitized + (search.isTyping ? "▏" : "")
  }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard case .help(let scroll) = state.overlay else { return }
    let ends = state.helpSearch.isTyping ? ("Enter", "ends the words") : (key("search", state), "searches")
    Popup.draw(
      title(state), Self.lines(state), scroll: scroll,
      hints: [(key("down", state), "more"), ends, (key("close", state), "closes")], on: &canvas)
  }

  // MARK: Rows

  /// A row of the help: a key or a command, what a key file calls it, and what it does.
  private struct Row {
    var left: String
    /// Without the section's name.
    var action = ""
    var text: String

    /// In columns; what does not fit beside the first stands below, indented.
    func lines(_ columns: Columns, width: Int) -> [Line] {
      let (left, action) = (Span(left, .key), Span(action, .faint))
      let start = columns.left + 2 + (columns.action > 0 ? columns.action + 2 : 0)
      if self.left.cellWidth <= columns.left, width - start >= min(30, text.cellWidth) {
        var head: Line = [Span(self.left.padding(toWidth: columns.left) + "  ", .key)]
        if columns.action > 0 {
          head.append(Span(self.action.padding(toWidth: columns.action) + "  ", .faint))
        }
        let indent = Span(String(repeating: " ", count: start))
        return ([Span(text)] as Line).wrapped(width: width - start).enumerated()
          .map { ($0 == 0 ? head : [indent]) + $1 }
      }
      let head: Line = self.action.isEmpty ? [left] : [left, Span("  "), action]
      return [head]
        + ([Span(text)] as Line).wrapped(width: max(1, width - 4)).map { [Span("    ")] + $0 }
    }
  }

  private struct Columns {
    var left: Int
    var action: Int
  }

  private struct Section {
    var heading: String
    /// Before its actions in a key file.
    var prefix = ""
    var rows: [Row]
    var leftWidth: Int

    var columns: Columns {
      Columns(left: leftWidth, action: rows.map(\.action.cellWidth).max() ?? 0)
    }
  }

  /// The commands that mean something without a screen, one a line.
  static var commandList: [String] {
    Command.all.filter { !$0.isOnScreenOnly }
      .map { $0.synopsis.padding(toWidth: synopsisWidth) + "  " + $0.summary }
  }

  private static let synopsisWidth = Command.all.map(\.synopsis.cellWidth).max() ?? 0

  private static func sections(_ state: AppState) -> [Section] {
    var sections = KeyMap.sections.compactMap { section -> Section? in
      let bindings = state.keys[section]
      // A pane that can but be zoomed needs no section.
      guard bindings.contains(where: { $0.action != KeyBinding.zoom.action }) else { return nil }
      return Section(
        heading: section.heading, prefix: section.name + ".",
        rows: bindings.map { Row(left: $0.keyNames, action: $0.action, text: $0.summary) }, leftWidth: 14)
    }
    sections.insert(
      Section(
        heading: "The input line, by GNU Readline",
        rows: InputKeys.rows.map { Row(left: $0.keys, text: $0.does) }, leftWidth: 14), at: 1)
    let commands = Command.all.map { Row(left: $0.synopsis, text: $0.summary) }
    return sections + [Section(heading: "Commands", rows: commands, leftWidth: min(36, synopsisWidth))]
  }

  private static func lines(_ state: AppState) -> [Line] {
    let width = Popup.width(state.size)
    var lines: [Line] = []
    for section in sections(state) {
      let rows = section.rows.filter { row in
        state.helpSearch.matches(
          [section.heading, row.left, section.prefix + row.action, row.text].joined(separator: " "))
      }
      guard !rows.isEmpty else { continue }
      lines += (lines.isEmpty ? [] : [[]]) + [[Span(section.heading, .heading)]]
      if !section.prefix.isEmpty {
        lines[lines.count - 1].append(Span("  in a key file: \(section.prefix)…", .faint))
      }
      lines += rows.flatMap { $0.lines(section.columns, width: width) }
    }
    return lines.isEmpty ? [[Span("nothing holds these words", .faint)]] : lines
  }
}
