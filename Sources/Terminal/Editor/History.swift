/// The lines that were typed before, oldest first, and the place of the line being edited among them.
///
/// Changes of an old line are kept while moving about, until a line is submitted.
struct History {
  private(set) var lines: [String]
  /// An index of `lines`; their count is the place of the new line.
  private(set) var position: Int
  private var edited: [Int: String] = [:]

  init(_ lines: [String] = []) {
    self.lines = lines
    position = lines.count
  }

  /// Goes to another place; returns its line, or nil if there is no such place.
  mutating func move(to place: Int, leaving text: String) -> String? {
    guard place != position, (0...lines.count).contains(place) else { return nil }
    edited[position] = text
    position = place
    return edited[place] ?? (place < lines.count ? lines[place] : "")
  }

  /// The nearest place before or after the present one whose line begins with `prefix`.
  func place(withPrefix prefix: some StringProtocol, older: Bool) -> Int? {
    let places =
      older ? Array((0..<position).reversed()) : Array(min(position + 1, lines.count)..<lines.count)
    return places.first { lines[$0].hasPrefix(prefix) }
  }

  /// Adds a line unless it is blank or the same as the newest; true if it did. Goes back to the new line.
  mutating func add(_ line: String) -> Bool {
    let isNew = line != lines.last && line.contains { !$0.isWhitespace }
    if isNew { lines.append(line) }
    leave()
    return isNew
  }

  /// Goes back to the new line and forgets changes.
  mutating func leave() {
    edited = [:]
    position = lines.count
  }
}

/// An incremental search of the history, as a part of a line is typed.
struct HistorySearch {
  /// The effect of a key.
  enum Step: Equatable {
    case searching
    /// The search is over: keep the line it found, and let the key act on it if `passOn`.
    case accepted(passOn: Bool)
    case cancelled
  }

  private(set) var query = ""
  /// The place of the line found last; nil before any was.
  private(set) var place: Int?
  private var older: Bool
  private var failed = false
  private let start: Int
  private let lastQuery: String

  /// - Parameters:
  ///   - start: The place where the search begins.
  ///   - lastQuery: The query that an empty one stands for when the search key is pressed again.
  init(older: Bool, start: Int, lastQuery: String) {
    self.older = older
    self.start = start
    self.lastQuery = lastQuery
  }

  /// Readline's prompt of a search.
  var prompt: String { "(\(failed ? "failed " : "")\(older ? "reverse-" : "")i-search)`\(query)': " }

  mutating func handle(_ key: Key, _ modifiers: Modifiers, in lines: [String]) -> Step {
    switch (key, modifiers) {
    case (.character(let character), []):
      query.append(character)
      find(from: place ?? start, inclusive: place != nil, in: lines)
    case (.backspace, []), ("h", .control):
      if !query.isEmpty { query.unicodeScalars.removeLast() }
      place = nil
      find(from: start, inclusive: false, in: lines)
    case ("r", .control), ("s", .control):
      older = key == "r"
      if query.isEmpty { query = lastQuery }
      find(from: place ?? start, inclusive: false, in: lines)
    case ("g", .control): return .cancelled
    case (.escape, []), ("j", .control): return .accepted(passOn: false)
    default: return .accepted(passOn: true)
    }
    return .searching
  }

  private mutating func find(from place: Int, inclusive: Bool, in lines: [String]) {
    guard !query.isEmpty else {
      failed = false
      return
    }
    let step = older ? -1 : 1
    var candidate = inclusive ? place : place + step
    while lines.indices.contains(candidate), lines[candidate].firstRange(of: query) == nil {
      candidate += step
    }
    failed = !lines.indices.contains(candidate)
    if !failed { self.place = candidate }
  }
}
