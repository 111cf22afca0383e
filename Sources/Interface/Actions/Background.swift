import Terminal

extension AppState {
  /// Seconds after the start within which the terminal's answer is waited for.
  private static let answerTime = 5.0

  /// Takes what the terminal says of its background.
  mutating func takeBackground(_ color: RGB) {
    guard time < Self.answerTime else { return }
    backgroundThemes?.background = color
    guard let themes = backgroundThemes, themes.isFollowed else { return }
    theme = themes.theme
  }

  /// Lets the background decide from now on.
  mutating func followBackground() {
    backgroundThemes?.isFollowed = true
    if let themes = backgroundThemes { theme = themes.theme }
  }
}
