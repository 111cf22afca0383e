/// The name of a pane, as the settings and tabs have it. Panes that the state knows are named here, others
/// beside their types; the table ``Panes`` has them all.
struct PaneID: Hashable, Sendable {
  let name: String

  init(_ name: String) { self.name = name }

  static let input = PaneID("input")
  static let layers = PaneID("layers")
  static let heatmap = PaneID("heatmap")
}
