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
    .changing("search", .keys("/"), "show what holds some words; Enter ends them") { $0.helpSearch.begin() },
    .changing("close", .keys(.escape, .enter, .function(1), "q", "?") + [.control("c")], "close") { state in
      state.overlay = nil
      state.helpSearch = HelpSearch()
    },
  ]

  func type(_ chord: KeyChord, _ state: inout AppState) -> Bool {
    guard state.helpSearch.isTyping, chord.modifiers.isEmpty else { return false }
    switch chord.key {
    case .character(let character): state.helpSearch.type(character)
    case .backspace: state.helpSearch.erase()
    case .enter: state.helpSearch.end()
    case .escape: state.helpSearch = HelpSearch()
    default: return false
    }
    state.overlay = .help(scroll: 0)
    return true
  }

  private static func scroll(_ state: inout AppState, by rows: Int) {
    guard case .help(let scroll) = state.overlay else { return }
    let last = max(0, lines(state).count - Popup.room(state.size))
    state.overlay = .help(scroll: max(0, min(scroll + rows, last)))
  }

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

  /// A row of the help: a key or a command, what it does, and what a key file calls it.
  private struct Row {
    var left: String
    var text: String
    var action = ""

    /// In the width there is: what does not fit beside each other stands below.
    func lines(leftWidth: Int, actionColumn: Int, width: Int) -> [Line] {
      let indent = [Span(String(repeating: " ", count: min(leftWidth, 8) + 2))]
      let action = action.isEmpty ? [] : [Span(action, .faint)]
      let left = Span(left.padding(toWidth: leftWidth), .key)
      if !action.isEmpty, actionColumn + action.width <= width {
        let text = text.padding(toWidth: actionColumn - leftWidth - 3)
        return [[left, Span("  " + text + " ")] + action]
      }
      guard leftWidth + 2 + text.cellWidth <= width else {
        let rows = ([Span(text)] as Line).wrapped(width: max(1, width - indent.width))
        let rest = action.isEmpty ? rows : rows + [action]
        return [[Span(self.left, .key)]] + rest.map { indent + $0 }
      }
      let row: Line = [left, Span("  " + text)]
      return row.width + 2 + action.width <= width || action.isEmpty
        ? [row + (action.isEmpty ? [] : [Span("  ")] + action)] : [row, indent + action]
    }
  }

  private struct Section {
    var heading: String
    var rows: [Row]
    var leftWidth: Int
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
        heading: section.heading,
        rows: bindings.map {
          Row(left: $0.keyNames, text: $0.summary, action: "\(section.name).\($0.action)")
        },
        leftWidth: 12)
    }
    sections.insert(
      Section(
        heading: "The input line, by GNU Readline",
        rows: InputKeys.rows.map { Row(left: $0.keys, text: $0.does) }, leftWidth: 12), at: 1)
    let commands = Command.all.map { Row(left: $0.synopsis, text: $0.summary) }
    return sections + [Section(heading: "Commands", rows: commands, leftWidth: synopsisWidth)]
  }

  private static func lines(_ state: AppState) -> [Line] {
    let width = Popup.width(state.size)
    var lines: [Line] = []
    for section in sections(state) {
      let rows = section.rows.filter { row in
        state.helpSearch.matches([section.heading, row.left, row.text, row.action].joined(separator: " "))
      }
      guard !rows.isEmpty else { continue }
      lines += (lines.isEmpty ? [] : [[]]) + [[Span(section.heading, .heading)]]
      let texts = section.rows.map { section.leftWidth + 3 + $0.text.cellWidth }
      lines += rows.flatMap {
        $0.lines(
          leftWidth: section.leftWidth, actionColumn: min(texts.max() ?? 0, section.leftWidth + 60),
          width: width)
      }
    }
    return lines.isEmpty ? [[Span("nothing holds these words", .faint)]] : lines
  }
}
