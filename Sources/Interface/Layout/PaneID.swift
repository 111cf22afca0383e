/// The parts of the screen that can have the focus, in the order that Tab takes.
public enum PaneID: String, CaseIterable, Sendable {
  case input, layers, heatmap, speed, chat, compare

  /// Where one pane has all the room, the others are named in this order.
  static let tabs: [PaneID] = [.chat, .compare, .layers, .heatmap, .speed]

  /// Shown beside the chat, one at a time where there is not room for all.
  static let side: [PaneID] = [.layers, .heatmap, .speed]
}
