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
  /// A heading of the first level, of the second, and of all others.
  case heading
  case subheading
  case minorHeading = "minor-heading"
  case emphasis
  case strongEmphasis = "strong-emphasis"
  /// Struck through.
  case deleted
  case link
  case code
  /// A fenced block of code.
  case codeBlock = "code-block"
  case codeKeyword = "code-keyword"
  case codeString = "code-string"
  case codeComment = "code-comment"
  /// Numbers, and words for values.
  case codeNumber = "code-number"
  /// Text that is selected with the mouse.
  case selection
  /// Text that a search found, and the place that it is at.
  case found
  case foundHere = "found-here"

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
  /// What a model thought before it answered.
  case thought
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

  /// The element whose style stands in for this one in a theme that leaves it out.
  var standIn: Element? {
    switch self {
    case .subheading: .heading
    case .minorHeading: .subheading
    case .strongEmphasis: .strong
    case .deleted, .thought: .faint
    case .codeKeyword, .codeString, .codeComment, .codeNumber: .codeBlock
    case .selection: .popupCursor
    case .found: .changed
    case .foundHere: .split
    case .masked: .track
    default: nil
    }
  }
}
