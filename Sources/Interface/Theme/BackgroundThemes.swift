import Terminal

/// The two themes of which the terminal's background decides, while nobody has chosen another.
struct BackgroundThemes: Sendable, Hashable {
  let dark: Theme
  let light: Theme
  /// Whether one of them is used.
  var isFollowed: Bool
  /// As far as it is known.
  var background: RGB?

  /// The theme that suits the background; the dark one while nothing is known of it.
  var theme: Theme { background.map { $0.lightness > 50 } == true ? light : dark }

  /// The background by the variable that some terminals set: the numbers of their colours, such as `0;15`.
  static func background(colorFGBG text: String?) -> RGB? {
    guard let number = text?.split(separator: ";").last.flatMap({ UInt8($0) }), number < 16 else {
      return nil
    }
    return Color(number).rgb
  }
}
