/// The meaning of a piece of the screen. Panes draw elements; a theme gives each its style, so no pane names
/// a colour. The raw value is the key in a theme file.
public enum Element: String, CaseIterable, Sendable {
  // Text
  /// Ordinary text; its background is the screen's.
  case text
  /// Secondary: units, labels, what may be overlooked.
  case faint
  /// Emphasis, and figures that matter.
  case strong
  case heading
  case code
  /// A fenced block of code.
  case codeBlock = "code-block"

  // Furniture
  case brand
  case frame
  case focusedFrame = "focused-frame"
  case title
  case focusedTitle = "focused-title"
  /// The row or cell under the cursor of the pane that has the focus.
  case cursor
  case popup
  case popupCursor = "popup-cursor"
  case key
  case prompt

  // Conversation
  case user
  case assistant
  /// Words of a rerun that the first answer does not have.
  case changed
  /// The word at which two answers part.
  case split

  // Layers and figures
  case runs
  case dropped
  /// The sublayer that would be dropped next.
  case candidate
  case bar
  case track
  case graph
  /// The cells of a heatmap that mean nothing, such as tokens to come; its foreground fills them, no text
  /// stands in it.
  case masked

  // Notices
  case info
  case warning
  case error
}
