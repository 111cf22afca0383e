/// Something over the panes that takes the keys until it is closed. A new one is a type like
/// ``LayerDetailsOverlay``, a case of ``AppState/Overlay``, and a row of ``Overlays``.
protocol OverlayView: KeySection {
  /// In the upper edge of its box.
  func title(_ state: AppState) -> String
  /// Its keys do what they say; this is for all others.
  var otherKeys: OtherKeys { get }
  /// Takes a key before all of them, as one that is typed; false leaves it to them.
  func type(_ chord: KeyChord, _ state: inout AppState) -> Bool
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
    LayerDetailsOverlay(), FrontierOverlay(), HelpOverlay(), TextOverlay(), ModelsOverlay(),
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
    }
  }
}

extension OverlayView {
  func type(_ chord: KeyChord, _ state: inout AppState) -> Bool { false }

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
