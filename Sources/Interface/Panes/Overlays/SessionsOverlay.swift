import Foundation
import IO
import Sessions
import Terminal

/// The sessions on disk: found by name and by what was said, opened, renamed, copied, deleted, written out.
struct SessionsOverlay: OverlayView {
  let name = "sessions"
  let heading = "Sessions"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    KeyBinding("open", .keys(.enter), "go on with the session") { state in
      state.sessions.current.map { state.openSession($0.summary.name.description) } ?? []
    },
    .changing("search", .keys("/"), "search names and texts") { $0.beginEntry(.search) },
    .changing("rename", .keys("r"), "rename") { $0.beginEntry(.rename) },
    KeyBinding("fork", .keys("f"), "copy") { state in
      state.sessions.current.map {
        [.sessions(.fork($0.summary.name.description, as: nil, opens: false))]
      } ?? []
    },
    KeyBinding("delete", .keys("d", .delete), "delete") { state in
      state.sessions.current.map { state.deleteSession($0.summary.name.description) } ?? []
    },
    KeyBinding("undelete", .keys("u"), "bring back what was deleted last") { $0.undeleteSession() },
    .changing("export", .keys("e"), "write to a file") { $0.beginEntry(.export) },
    .changing("previous", .keys(.up, "k"), "previous session") { $0.sessions.move(by: -1) },
    .changing("next", .keys(.down, "j"), "next session") { $0.sessions.move(by: 1) },
    .changing("page-up", .keys(.pageUp), "ten sessions up") { $0.sessions.move(by: -10) },
    .changing("page-down", .keys(.pageDown, " "), "ten sessions down") { $0.sessions.move(by: 10) },
    .changing("first", .keys(.home, "g"), "the last used") { $0.sessions.move(by: -.max / 2) },
    .changing("last", .keys(.end, "G"), "the oldest") { $0.sessions.move(by: .max / 2) },
    .changing("close", .keys(.escape, "q") + [.control("c")], "show all again, then close") { state in
      if state.sessions.query.isEmpty { state.overlay = nil } else { state.sessions.search("") }
    },
  ]

  // MARK: Typing

  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]? {
    guard let entry = state.sessions.entry else { return nil }
    switch chord {
    case KeyChord(.enter): return state.endEntry()
    case KeyChord(.escape), .control("c"), KeyChord(.tab):
      state.sessions.entry = nil
    case KeyChord(.up), KeyChord(.down), KeyChord(.pageUp), KeyChord(.pageDown):
      guard entry.purpose == .search, let move = state.keys.binding(for: chord, in: self) else { return [] }
      return move.perform(&state)
    default: return edit(&state) { $0.press(chord) }
    }
    return []
  }

  func paste(_ text: String, _ state: inout AppState) -> [Effect]? {
    guard state.sessions.entry != nil else { return nil }
    return edit(&state) { field in
      field.insert(text)
      return true
    }
  }

  /// Edits the line, and searches anew where it is a query.
  private func edit(_ state: inout AppState, _ change: (inout TextField) -> Bool) -> [Effect] {
    guard var entry = state.sessions.entry, change(&entry.field) else { return [] }
    state.sessions.entry = entry
    let text = entry.field.text
    guard entry.purpose == .search, text != state.sessions.query else { return [] }
    state.sessions.search(text)
    return text.isEmpty ? [] : [.sessions(.search(text))]
  }

  // MARK: Mouse

  func scroll(_ state: inout AppState, by steps: Int) { state.sessions.move(by: steps) }

  /// A click puts the cursor on a session, and opens the one that it is on.
  func click(_ state: inout AppState, at place: Point) -> (isTaken: Bool, effects: [Effect]) {
    guard Self.box(state.size).contains(place) else { return (false, []) }
    let list = list(state), sessions = state.sessions
    let row = Self.firstRow(sessions, height: list.height) + place.y - list.minY
    guard list.contains(place), sessions.rows.indices.contains(row), sessions.entry == nil else {
      return (true, [])
    }
    guard row == sessions.place else {
      state.sessions.move(by: row - sessions.place)
      return (true, [])
    }
    return (true, state.openSession(sessions.rows[row].summary.name.description))
  }

  // MARK: Drawing

  /// The frame. The last row of the screen stays free for what is told.
  private static func box(_ screen: Size) -> Rect {
    let size = Size(
      width: min(screen.width, max(78, screen.width * 9 / 10)),
      height: min(screen.height - 1, max(18, screen.height * 4 / 5)))
    return Rect(
      x: (screen.width - size.width) / 2, y: max(0, (screen.height - 1 - size.height) / 2),
      width: size.width, height: size.height)
  }

  /// The keys below the list.
  private func shownHints(_ state: AppState) -> ArraySlice<Line> {
    let inside = Self.box(state.size).inset()
    return hints(state, width: inside.width - 2).prefix(inside.height > 12 ? 2 : 1)
  }

  /// The rows of the sessions, on the screen.
  private func list(_ state: AppState) -> Rect {
    let inside = Self.box(state.size).inset()
    return Rect(
      x: inside.minX, y: inside.minY + 1, width: inside.width,
      height: max(0, inside.height - 2 - shownHints(state).count))
  }

  /// The session in the first row of the list.
  private static func firstRow(_ sessions: SessionsState, height: Int) -> Int {
    max(0, min(sessions.place - height / 2, sessions.rows.count - height))
  }

  func title(_ state: AppState) -> String {
    let sessions = state.sessions
    return sessions.query.isEmpty
      ? "Sessions · \(sessions.all.count)" : "Sessions · \(sessions.rows.count) of \(sessions.all.count)"
  }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let rect = Self.box(canvas.size)
    guard rect.width > 12, rect.height > 5 else { return }
    canvas.fill(rect, .popup)
    canvas.draw(in: rect) { box in
      box.grid.frame(
        box.grid.bounds, title: title(state), style: box.theme.style(.focusedFrame, on: .popup),
        titleStyle: box.theme.style(.focusedTitle, on: .popup))
      let inside = Rect(x: 1, y: 1, width: rect.width - 2, height: rect.height - 2)
      box.draw(in: inside) { drawContent(state, on: &$0) }
    }
  }

  private func drawContent(_ state: AppState, on canvas: inout Canvas) {
    let width = canvas.size.width - 2
    canvas.write(field(state.sessions, state), x: 1, y: 0, width: width, on: .popup)
    let keys = shownHints(state)
    for (place, line) in keys.enumerated() {
      canvas.write(line, x: 1, y: canvas.size.height - keys.count + place, width: width, on: .popup)
    }
    canvas.write(details(state), x: 1, y: canvas.size.height - keys.count - 1, width: width, on: .popup)
    let list = Rect(x: 0, y: 1, width: canvas.size.width, height: self.list(state).height)
    canvas.draw(in: list) { drawRows(state, on: &$0) }
  }

  /// What is typed, or what was searched for.
  private func field(_ sessions: SessionsState, _ state: AppState) -> Line {
    guard let entry = sessions.entry else {
      return sessions.query.isEmpty
        ? [Span("\(key("search", state)) searches names and what was said", .faint)]
        : [Span("found: ", .faint), Span(sessions.query, .strong)]
    }
    let name =
      switch entry.purpose {
      case .search: "search"
      case .rename: "new name"
      case .export: "write to"
      }
    let (before, after) = entry.field.parts
    return [
      Span(name + ": ", .prompt), Span(before),
      Span(after.isEmpty ? " " : String(after.prefix(1)), .popupCursor),
      Span(String(after.dropFirst())),
      Span(sessions.isSearching ? "  searching…" : "", .faint),
    ]
  }

  /// The keys, in as many rows as they need; none is parted from what it does.
  private func hints(_ state: AppState, width: Int) -> [Line] {
    let hints: [(key: String, text: String)] =
      switch state.sessions.entry?.purpose {
      case .search?:
        [(key("open", state), "opens"), (key("next", state), "next"), ("Esc", "leaves the line")]
      case .rename?, .export?: [("Enter", "does it"), ("Esc", "leaves the line")]
      case nil:
        [
          ("open", "opens"), ("search", "search"), ("rename", "rename"), ("fork", "copy"),
          ("delete", "delete"), ("undelete", "undo"), ("export", "export"), ("close", "closes"),
        ].map { (key($0, state), $1) }
      }
    var rows: [Line] = [[]]
    for hint in hints {
      let item: Line = [Span(hint.key, .key), Span(" \(hint.text)  ", .faint)]
      if rows[rows.count - 1].width + item.width > width + 2, !rows[rows.count - 1].isEmpty {
        rows.append([])
      }
      rows[rows.count - 1] += item
    }
    return rows
  }

  private func details(_ state: AppState) -> Line {
    guard let session = state.sessions.current?.summary else { return [] }
    let parts = [
      session.model?.name.onOneLine, Figures.bytes(session.bytes),
      session.modified.formatted(
        .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
        + " UTC",
    ]
    return [Span(parts.compactMap { $0 }.joined(separator: " · "), .faint)]
  }

  private func drawRows(_ state: AppState, on canvas: inout Canvas) {
    let sessions = state.sessions, rows = sessions.rows, height = canvas.size.height
    guard !rows.isEmpty, height > 0 else {
      let text =
        sessions.isSearching
        ? "searching…" : sessions.query.isEmpty ? "no sessions yet" : "none has these words"
      canvas.write(text, .faint, x: 1, y: 0, on: .popup)
      return
    }
    let first = Self.firstRow(sessions, height: height)
    let shown = rows[first..<min(rows.count, first + height)]
    let names = min(
      shown.map { $0.summary.name.description.cellWidth }.max() ?? 0, max(12, canvas.size.width * 2 / 5))
    for (y, row) in shown.enumerated() {
      let isPicked = first + y == sessions.place
      let ground: Element = isPicked ? .popupCursor : .popup
      let name = row.summary.name.description
      canvas.fill(Rect(x: 0, y: y, width: canvas.size.width, height: 1), ground)
      canvas.write(name == sessions.open ? "●" : " ", isPicked ? ground : .runs, x: 0, y: y, on: ground)
      canvas.write(name.truncated(width: names), isPicked ? ground : .strong, x: 1, y: y, on: ground)
      let age = Figures.age(of: row.summary.modified, at: state.date)
      canvas.write([Span(age, isPicked ? ground : .faint)], endingAt: names + 9, y: y, on: ground)
      let text = row.excerpt ?? row.summary.firstPrompt ?? ""
      canvas.write(
        [Span(text.onOneLine, isPicked ? ground : .text)], x: names + 10, y: y,
        width: max(0, canvas.size.width - names - 11), on: ground)
    }
  }
}
