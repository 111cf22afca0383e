/// Something over the panes that takes the keys until it is closed. A new one is a type like
/// ``LayerDetailsOverlay``, a case of ``AppState/Overlay``, and a row of ``Overlays``.
protocol OverlayView: KeySection {
  /// In the upper edge of its box.
  func title(_ state: AppState) -> String
  /// Takes a key or a pasted text before its other keys, while something is typed in it; nil leaves it to them.
  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]?
  func paste(_ text: String, _ state: inout AppState) -> [Effect]?
  /// Its keys do what they say; this is for all others.
  var otherKeys: OtherKeys { get }
  /// The canvas is the whole screen.
  func draw(_ state: AppState, on canvas: inout Canvas)
}

/// The effect of keys that an overlay has no action for.
enum OtherKeys: Sendable {
  case nothing
  case close
  /// They close it, and do what they do without it.
  case closeAndAct
}

/// All overlays.
enum Overlays {
  static let all: [any OverlayView] = [
    LayerDetailsOverlay(), FrontierOverlay(), SessionsOverlay(), OtherModelOverlay(), HelpOverlay(),
    TextOverlay(),
    ModelsOverlay(),
    QuitOverlay(),
  ]
}

extension AppState.Overlay {
  var view: any OverlayView {
    switch self {
    case .help: HelpOverlay()
    case .layerDetails: LayerDetailsOverlay()
    case .frontier: FrontierOverlay()
    case .text: TextOverlay()
    case .models: ModelsOverlay()
    case .confirmQuit: QuitOverlay()
    case .sessions: SessionsOverlay()
    case .otherModel: OtherModelOverlay()
    }
  }
}

extension OverlayView {
  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]? { nil }
  func paste(_ text: String, _ state: inout AppState) -> [Effect]? { nil }

  /// The first key of an action, as the help writes it.
  func key(_ action: String, _ state: AppState) -> String {
    state.keys[self].first { $0.action == action }?.chords.first?.name ?? ""
  }
}

extension KeyBinding {
  /// Closes the overlay.
  static func close(_ chords: [KeyChord]) -> KeyBinding {
    .changing("close", chords, "close") { $0.overlay = nil }
  }
}
