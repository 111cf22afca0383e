import Terminal

/// A key's action in a place. One table feeds the help, the hints in the status line, and the key itself.
struct KeyBinding: Sendable {
  /// For the `[keys]` of the settings, after the place's name: `layers.toggle-attention`.
  var action: String
  var chords: [KeyChord]
  /// For the help.
  var summary: String
  /// One or two words for the status line; nil leaves it to the help.
  var hint: String?
  var perform: @Sendable (inout AppState) -> [Effect]

  init(
    _ action: String, _ chords: [KeyChord], _ summary: String, hint: String? = nil,
    perform: @escaping @Sendable (inout AppState) -> [Effect]
  ) {
    self.action = action
    self.chords = chords
    self.summary = summary
    self.hint = hint
    self.perform = perform
  }

  /// A key that wants nothing done outside of the state.
  static func changing(
    _ action: String, _ chords: [KeyChord], _ summary: String, hint: String? = nil,
    _ change: @escaping @Sendable (inout AppState) -> Void
  ) -> KeyBinding {
    KeyBinding(action, chords, summary, hint: hint) { state in
      change(&state)
      return []
    }
  }

  var keyNames: String { chords.map(\.name).joined(separator: " ") }
}

extension [KeyChord] {
  /// Keys without modifiers.
  static func keys(_ keys: Terminal.Key...) -> [KeyChord] { keys.map { KeyChord($0) } }
}

/// A place that has keys of its own: a pane, an overlay, or the whole screen. The help lists its keys, and
/// the settings can change them.
protocol KeySection: Sendable {
  /// In the settings: `layers`.
  var name: String { get }
  /// In the help: `Layers`.
  var heading: String { get }
  /// In the order of the help.
  var keys: [KeyBinding] { get }
}

extension KeyMap {
  /// The keys of a place, with the user's changes.
  subscript(section: any KeySection) -> [KeyBinding] {
    guard !changes.isEmpty else { return section.keys }
    return section.keys.map { binding in
      guard let chord = changes["\(section.name).\(binding.action)"] else { return binding }
      var binding = binding
      binding.chords = [chord]
      return binding
    }
  }

  /// The action of a key in a place; nil if it has none there.
  func binding(for chord: KeyChord, in section: any KeySection) -> KeyBinding? {
    self[section].first { $0.chords.contains(chord) }
  }
}
