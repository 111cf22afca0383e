import Terminal

/// A key with the modifiers held down, and its name for people.
struct KeyChord: Sendable, Hashable {
  var key: Key
  var modifiers: Modifiers

  init(_ key: Key, _ modifiers: Modifiers = []) {
    self.key = key
    self.modifiers = modifiers
  }

  static func control(_ character: Character) -> KeyChord { KeyChord(.character(character), .control) }

  private static let names: [(name: String, key: Key)] = [
    ("Space", " "), ("Enter", .enter), ("Tab", .tab), ("Backspace", .backspace), ("Delete", .delete),
    ("Esc", .escape), ("Insert", .insert), ("↑", .up), ("↓", .down), ("←", .left), ("→", .right),
    ("Home", .home), ("End", .end), ("PgUp", .pageUp), ("PgDn", .pageDown),
    ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right),
  ]

  /// Reads `x`, `Space`, `PgUp`, `F5`, `Ctrl-x`, `Alt-Enter`; nil for what is no key.
  init?(_ text: String) {
    var rest = text[...]
    modifiers = []
    for (prefix, modifier) in [("Ctrl-", Modifiers.control), ("Alt-", .alt), ("Shift-", .shift)]
    where rest.hasPrefix(prefix) && rest.count > prefix.count {
      rest.removeFirst(prefix.count)
      modifiers.insert(modifier)
    }
    if let named = Self.names.first(where: { $0.name.lowercased() == rest.lowercased() }) {
      key = named.key
    } else if rest.count == 1, let character = rest.first {
      key = .character(character)
    } else if rest.first == "F", let number = Int(rest.dropFirst()), (1...24).contains(number) {
      key = .function(number)
    } else {
      return nil
    }
  }

  /// As the settings read it: `Ctrl-c`, `Up`, `Space`.
  var settingName: String {
    var prefix = ""
    for (name, modifier) in [("Ctrl-", Modifiers.control), ("Alt-", .alt), ("Shift-", .shift)]
    where modifiers.contains(modifier) { prefix += name }
    switch key {
    case .character(let character) where character != " ":
      return prefix + (["\"", "\\"].contains(character) ? "\\" : "") + String(character)
    case .function(let number): return prefix + "F\(number)"
    // The last of several names is the one that every keyboard has.
    default: return prefix + (Self.names.last { $0.key == key }?.name ?? "?")
    }
  }

  /// As the help writes it: `^C` for control with a letter.
  var name: String {
    var prefix = ""
    if modifiers.contains(.alt) { prefix += "Alt-" }
    if modifiers.contains(.shift) { prefix += "Shift-" }
    switch key {
    case .character(let character) where modifiers.contains(.control):
      return prefix + "^" + character.uppercased()
    case .function(let number): return prefix + "F\(number)"
    case .character(let character) where character != " ": return prefix + String(character)
    default:
      if modifiers.contains(.control) { prefix += "Ctrl-" }
      return prefix + (Self.names.first { $0.key == key }?.name ?? "?")
    }
  }
}
