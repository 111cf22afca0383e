import Sessions

extension KeyMap {
  private static let globalKeys = GlobalKeys()

  /// All places that have keys, in the order of the help.
  static let sections: [any KeySection] =
    [globalKeys, PaneKeys()] + Panes.all + [CompletionPopup()] + Overlays.all

  /// Reads the changes of the settings.
  ///
  /// - Parameters:
  ///   - changes: Key by action, as the settings have it: `["layers.toggle-attention": "x"]`.
  ///   - places: The place where each is set, for warnings.
  /// - Returns: The map, and a warning for each change that names no action or no key.
  public static func make(changes: [String: String] = [:], places: [String: String] = [:]) -> (
    map: KeyMap, warnings: [String]
  ) {
    var map = KeyMap()
    var warnings: [String] = []
    var changes = changes
    for section in sections {
      for binding in section.keys {
        let name = "\(section.name).\(binding.action)"
        guard let text = changes.removeValue(forKey: name) else { continue }
        map.changes[name] = KeyChord(text)
        if map.changes[name] == nil {
          warnings.append(
            "\(places[name] ?? "keys"): \(name): “\(text)” is not a key: write x, Space, F5 or Ctrl-x")
        }
      }
    }
    warnings += changes.keys.sorted().map {
      "\(places[$0] ?? "keys"): there is no action “\($0)”: the help lists them"
    }
    return (map, warnings)
  }

  /// All actions with their keys, for a commented settings file: `"layers.toggle-attention" = "Space"`.
  public static var settingsLines: [Settings.Line] {
    sections.flatMap { section in
      section.keys.compactMap { binding in
        binding.chords.first.map {
          Settings.Line(
            comment: "\(section.heading): \(binding.summary)",
            setting: "\"\(section.name).\(binding.action)\" = \"\($0.settingName)\"")
        }
      }
    }
  }

  /// The keys that act whatever has the focus.
  var global: [KeyBinding] { self[Self.globalKeys] }

  /// The keys of a pane.
  subscript(pane: PaneID) -> [KeyBinding] { self[Panes[pane]] }

  func binding(for chord: KeyChord, in pane: PaneID) -> KeyBinding? { binding(for: chord, in: Panes[pane]) }
}
