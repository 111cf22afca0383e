/// The keys that the settings change. Tables beside panes and overlays have all others.
public struct KeyMap: Sendable {
  /// By place and action: `layers.toggle-attention`.
  var changes: [String: KeyChord] = [:]

  /// A map that changes nothing.
  public init() {}
}
