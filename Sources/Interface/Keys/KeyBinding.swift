import Terminal

/// What a key does in a pane. One table feeds the help, the hints in the status line, and the key itself.
struct KeyBinding: Sendable {
  /// For the `[keys]` of the settings, after the pane's name: `layers.toggle-attention`.
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

  var keyNames: String { chords.map(\.name).joined(separator: " ") }
}

extension [KeyChord] {
  /// Characters, each a key of its own.
  static func keys(_ keys: Terminal.Key...) -> [KeyChord] { keys.map { KeyChord($0) } }
}

/// The bindings of every pane, with the user's changes.
public struct KeyMap: Sendable {
  private var bindings: [PaneID: [KeyBinding]]
  /// In every pane; `global.help` and so on in the settings.
  let global: [KeyBinding]

  /// - Parameter changes: key by action, as the settings have it: `["layers.toggle-attention": "x"]`.
  /// - Returns: the map, and a warning for each change that names no action or no key.
  public static func make(changes: [String: String] = [:]) -> (map: KeyMap, warnings: [String]) {
    var warnings: [String] = []
    var changes = changes
    func changed(_ bindings: [KeyBinding], _ place: String) -> [KeyBinding] {
      bindings.map { binding in
        let name = "\(place).\(binding.action)"
        guard let text = changes.removeValue(forKey: name) else { return binding }
        guard let chord = KeyChord(text) else {
          warnings.append("keys: \(name): “\(text)” is not a key: write x, Space, F5 or Ctrl-x")
          return binding
        }
        var binding = binding
        binding.chords = [chord]
        return binding
      }
    }
    var map = KeyMap(bindings: [:], global: changed(GlobalKeys.all, "global"))
    for pane in PaneID.allCases {
      map.bindings[pane] = changed(Panes.pane(pane).keys, pane.rawValue)
    }
    warnings += changes.keys.sorted().map { "keys: there is no action “\($0)”: the help lists them" }
    return (map, warnings)
  }

  subscript(pane: PaneID) -> [KeyBinding] { bindings[pane] ?? [] }

  func binding(for chord: KeyChord, in pane: PaneID) -> KeyBinding? {
    self[pane].first { $0.chords.contains(chord) }
  }
}
