/// Numbers that grow with events that may change a part of the screen. What comes many times a second changes little,
/// so a frame can keep most of the last.
struct ScreenChanges: Hashable, Sendable {
  /// What Layers and the heatmap show.
  var measurements = 0
  /// Anything but the chat's text.
  var beyondText = 0
}
