import CTerminal
import Foundation
import IO

/// The line being typed. Readline edits it, so that people's habits and their `~/.inputrc` hold (emacs and vi
/// mode, kill ring, undo, Ctrl-R); the caller shows it.
///
/// A line may hold newlines: Alt-Enter, Shift-Enter (where the terminal tells it from Enter) and Ctrl-J put
/// one in. Up and Down move inside the line before they recall history. Readline has one line and one history
/// in a process; a new editor starts them afresh.
@MainActor
public final class LineEditor {
  /// The effect of an event.
  public enum Reaction: Equatable, Sendable {
    /// Nothing: the key is not an editing key, and is the caller's to use.
    case ignored
    /// The text, the cursor or the prompt may have changed.
    case edited
    /// Enter was pressed; the line, now empty, held this. It is in the history unless it is blank.
    case submitted(String)
    /// Ctrl-D was pressed on an empty line.
    case endOfInput
  }

  /// The keymap that readline uses.
  public enum Mode: Sendable {
    case emacs, viInsert, viCommand
  }

  private var history: History
  private let file: HistoryFile?
  private var search: HistorySearch?
  private var lastQuery = ""

  /// - Parameters:
  ///   - application: The name that `$if` sections of the inputrc may ask for.
  ///   - historyPath: The file that keeps the history; nil keeps it in memory.
  public init(application: String, historyPath: String? = nil) {
    _ = ct_locale_start()  // readline edits characters of the locale
    ct_editor_start(application)
    file = historyPath.map(HistoryFile.init)
    history = History(file?.load() ?? [])
  }

  // MARK: - The line

  /// The line; during a search the line that it has found.
  public var text: String {
    get { found ?? line }
    set { replace(text.startIndex..<text.endIndex, with: newValue) }
  }

  /// The place of the next character; an index of `text`.
  public var cursor: String.Index {
    get {
      if let found, let search { return found.firstRange(of: search.query)?.lowerBound ?? found.startIndex }
      return line.index(atByte: ct_editor_cursor())
    }
    set {
      endSearch()
      ct_editor_set_cursor(line.utf8.distance(from: line.startIndex, to: newValue))
    }
  }

  /// Replaces a part of `text` as one step of undo, and puts the cursor after the new part, for completions.
  public func replace(_ range: Range<String.Index>, with new: String) {
    endSearch()
    let from = line.utf8.distance(from: line.startIndex, to: range.lowerBound)
    let to = line.utf8.distance(from: line.startIndex, to: range.upperBound)
    replaceBytes(from..<to, with: new)
  }

  /// Empties the line, and leaves the history, and searches and arguments that had begun.
  public func clear() {
    search = nil
    history.leave()
    replaceBytes(0..<Int.max, with: "")
  }

  /// The prompt of the editor itself: ``(reverse-i-search)`sky': `` or `(arg: 4) `; else empty.
  public var prompt: String { (search?.prompt ?? String(cString: ct_editor_prompt())).sanitized }

  private var line: String { String(cString: ct_editor_text()) }

  private var found: String? { search?.place.map { history.lines[$0] } }

  private func replaceBytes(_ range: Range<Int>, with new: String) {
    // To readline a NUL would end the text.
    ct_editor_replace(range.lowerBound, range.upperBound, new.filter { $0 != "\0" })
  }

  /// The keymap in use.
  public var mode: Mode {
    switch ct_editor_current_mode() {
    case CT_VI_INSERT: .viInsert
    case CT_VI_COMMAND: .viCommand
    default: .emacs
    }
  }

  // MARK: - Events

  /// Lets the line react to an event. Tab, page keys, function keys and others that the person's inputrc does
  /// not bind are `.ignored`, as is Esc except where vi mode or a search wants it.
  public func handle(_ event: InputEvent) -> Reaction {
    switch event {
    case .paste(let text):
      endSearch()
      replaceBytes(ct_editor_cursor()..<ct_editor_cursor(), with: text)
      return .edited
    case .key(let key, let modifiers):
      return search == nil ? edit(key, modifiers) : handleSearch(key, modifiers)
    default: return .ignored
    }
  }

  private func edit(_ key: Key, _ modifiers: Modifiers) -> Reaction {
    guard let bytes = key.bytes(modifiers) else { return .ignored }
    if ct_editor_is_amid_command() { return feed(bytes) }
    switch (key, modifiers) {
    case (.enter, .alt), (.enter, .shift), ("j", .control):
      replaceBytes(ct_editor_cursor()..<ct_editor_cursor(), with: "\n")
      return .edited
    case (.tab, []): return .ignored  // the caller's own completion
    case (.escape, _): return mode == .emacs ? .ignored : feed(bytes)
    case (.character, []), (.enter, []): return feed(bytes)
    case (_, let held) where held.contains(.alt) && mode != .emacs && !isBound(bytes):
      // Esc, quickly followed by a key, looks like Alt; in vi mode it was meant as Esc.
      let escaped = feed([0x1B])
      let reaction = edit(key, held.subtracting(.alt))
      return reaction == .ignored ? escaped : reaction
    default: return isBound(bytes) ? feed(bytes) : .ignored
    }
  }

  private func isBound(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { ct_editor_is_bound($0.baseAddress, $0.count) }
  }

  private func feed(_ bytes: [UInt8]) -> Reaction {
    switch bytes.withUnsafeBufferPointer({ ct_editor_feed($0.baseAddress, $0.count) }) {
    case CT_LINE: return submit()
    case CT_END_OF_INPUT: return .endOfInput
    case CT_HISTORY_OLDER: if !moveLine(up: true) { recall(history.position - 1) }
    case CT_HISTORY_NEWER: if !moveLine(up: false) { recall(history.position + 1) }
    case CT_HISTORY_OLDEST: recall(0)
    case CT_HISTORY_NEWEST: recall(history.lines.count)
    case CT_HISTORY_PREFIX_OLDER: recallByPrefix(older: true)
    case CT_HISTORY_PREFIX_NEWER: recallByPrefix(older: false)
    case CT_SEARCH_OLDER: beginSearch(older: true)
    case CT_SEARCH_NEWER: beginSearch(older: false)
    default: break
    }
    return .edited
  }

  private func submit() -> Reaction {
    guard let accepted = ct_editor_accepted_line() else { return .edited }
    defer { free(accepted) }
    let text = String(cString: accepted)
    if history.add(text) { file?.append(text) }
    return .submitted(text)
  }

  // MARK: - History

  private func recall(_ place: Int) {
    guard let text = history.move(to: place, leaving: line) else { return }
    replaceBytes(0..<Int.max, with: text)
  }

  /// To a line that begins like the text before the cursor, which stays where it is.
  private func recallByPrefix(older: Bool) {
    let offset = ct_editor_cursor()
    guard let place = history.place(withPrefix: line[..<cursor], older: older) else { return }
    recall(place)
    ct_editor_set_cursor(offset)
  }

  private func beginSearch(older: Bool) {
    search = HistorySearch(older: older, start: history.position, lastQuery: lastQuery)
  }

  private func handleSearch(_ key: Key, _ modifiers: Modifiers) -> Reaction {
    switch search?.handle(key, modifiers, in: history.lines) {
    case .accepted(passOn: true):
      endSearch()
      let reaction = edit(key, modifiers)
      return reaction == .ignored ? .edited : reaction
    case .accepted(passOn: false): endSearch()
    case .cancelled: search = nil
    case .searching, nil: break
    }
    return .edited
  }

  /// Leaves the search; the line becomes the one that it found.
  private func endSearch() {
    guard let search else { return }
    let offset = text.utf8.distance(from: text.startIndex, to: cursor)
    if !search.query.isEmpty { lastQuery = search.query }
    self.search = nil
    if let place = search.place {
      recall(place)
      ct_editor_set_cursor(offset)
    }
  }

  /// Moves to the line above or below inside the text, to the same column as far as there is one. False if
  /// there is no such line.
  private func moveLine(up: Bool) -> Bool {
    let text = line
    let cursor = cursor
    let lineStart = text[..<cursor].lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
    let column = text[lineStart..<cursor].cellWidth
    let rest: Substring
    if up {
      guard lineStart > text.startIndex else { return false }
      rest = text[..<text.index(before: lineStart)]
    } else {
      guard let lineEnd = text[cursor...].firstIndex(of: "\n") else { return false }
      rest = text[text.index(after: lineEnd)...]
    }
    let target =
      up
      ? rest.lastIndex(of: "\n").map { rest[rest.index(after: $0)...] } ?? rest
      : rest.prefix { $0 != "\n" }
    self.cursor = target.index(atColumn: column)
    return true
  }
}

extension StringProtocol where SubSequence == Substring {
  /// The index of the character that holds the byte at `offset`.
  fileprivate func index(atByte offset: Int) -> Index {
    let index = utf8.index(startIndex, offsetBy: offset, limitedBy: endIndex) ?? endIndex
    return unicodeScalars[..<index].endIndex
  }

  /// The last place that is at most `column` cells from the start.
  fileprivate func index(atColumn column: Int) -> Index {
    var scanner = GlyphScanner(self[...])
    var width = 0
    var place = startIndex
    while let glyph = scanner.next(column: width) {
      width += glyph.width
      if width > column { return place }
      place = scanner.position
    }
    return place
  }
}
