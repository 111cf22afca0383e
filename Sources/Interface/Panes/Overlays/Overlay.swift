import Terminal

/// Something over the panes that takes the keys until it is closed. A new one is a type like
/// ``LayerDetailsOverlay``, a case of ``AppState/Overlay``, and a row of ``Overlays``.
protocol OverlayView: KeySection {
  /// In the upper edge of its box.
  func title(_ state: AppState) -> String
  /// Takes a key or a pasted text before its other keys, while something is typed in it; nil leaves it to them.
  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]?
  func paste(_ text: String, _ state: inout AppState) -> [Effect]?
  /// Turns of the mouse's wheel over the screen, down if positive.
  func scroll(_ state: inout AppState, by steps: Int)
  /// A click on the screen; one that is not the overlay's closes it, and false says so.
  func click(_ state: inout AppState, at place: Point) -> (isTaken: Bool, effects: [Effect])
  /// Rows of the text that it scrolls through; 0 where it scrolls through none.
  func rowCount(_ state: AppState) -> Int
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
    LayerDetailsOverlay(), FrontierOverlay(), LockstepOverlay(), SessionsOverlay(), OtherModelOverlay(),
    HelpOverlay(),
    TextOverlay(),
    TokenOverlay(),
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
    case .lockstep: LockstepOverlay()
    case .text: TextOverlay()
    case .models: ModelsOverlay()
    case .confirmQuit: QuitOverlay()
    case .sessions: SessionsOverlay()
    case .token: TokenOverlay()
    case .otherModel: OtherModelOverlay()
    }
  }
}

extension AppState {
  /// Scrolls the text in the overlay, as far as there is some.
  mutating func scrollOverlay(by rows: Int) {
    let last = max(0, (overlay?.view.rowCount(self) ?? 0) - Popup.room(size))
    switch overlay {
    case .help(let scroll): overlay = .help(scroll: max(0, min(scroll + rows, last)))
    case .text(var page):
      page.scroll = max(0, min(page.scroll + rows, last))
      overlay = .text(page)
    default: break
    }
  }
}

extension OverlayView {
  func rowCount(_ state: AppState) -> Int { 0 }
  func scroll(_ state: inout AppState, by steps: Int) { state.scrollOverlay(by: 3 * steps) }
  func click(_ state: inout AppState, at place: Point) -> (isTaken: Bool, effects: [Effect]) { (false, []) }
  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]? { nil }
  func paste(_ text: String, _ state: inout AppState) -> [Effect]? { nil }

  /// The first key of an action, as the help writes it.
  func key(_ action: String, _ state: AppState) -> String {
    state.keys[self].first { $0.action == action }?.chords.first?.name ?? ""
  }
}

extension KeyBinding {
  /// Scrolls the text of an overlay.
  static let scrolling: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "scroll up") { $0.scrollOverlay(by: -1) },
    .changing("down", .keys(.down, "j"), "scroll down") { $0.scrollOverlay(by: 1) },
    .changing("page-up", .keys(.pageUp), "half a page up") { $0.scrollOverlay(by: -$0.size.height / 2) },
    .changing("page-down", .keys(.pageDown, " "), "half a page down") {
      $0.scrollOverlay(by: $0.size.height / 2)
    },
    .changing("start", .keys(.home, "g"), "the beginning") { $0.scrollOverlay(by: -.max / 2) },
    .changing("end", .keys(.end, "G"), "the end") { $0.scrollOverlay(by: .max / 2) },
  ]

  /// Closes the overlay.
  static func close(_ chords: [KeyChord]) -> KeyBinding {
    .changing("close", chords, "close") { $0.overlay = nil }
  }
}
