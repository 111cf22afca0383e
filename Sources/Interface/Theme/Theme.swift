import Terminal

/// A style for every element, and the colour ramp of heatmaps.
public struct Theme: Sendable, Hashable {
  public var name: String
  /// One line for lists and `/theme`.
  public var summary: String
  /// nil draws heatmaps with characters.
  public var ramp: Ramp?
  private var styles: [Element: Style]

  init(name: String, summary: String, ramp: Ramp?, styles: [Element: Style]) {
    self.name = name
    self.summary = summary
    self.ramp = ramp
    self.styles = styles
  }

  /// The style of `element`; a background that the theme leaves open is that of ordinary text.
  public subscript(element: Element) -> Style { style(element, on: .text) }

  /// The style of `element` where it stands on `ground`, such as a figure on the cursor's row: it has the
  /// ground's background, unless it has one of its own. On the cursor of a list all is in the cursor's colour,
  /// which is chosen for its strong background alone.
  public func style(_ element: Element, on ground: Element) -> Style {
    let text = styles[.text] ?? .plain
    let below = ownStyle(ground) ?? text
    // Ordinary text takes the look of what it stands on.
    let own = element == .text ? below : ownStyle(element) ?? text
    var style = own
    style.foreground = own.foreground ?? below.foreground ?? text.foreground
    if ground == .text {
      style.background = own.background ?? text.background
    } else {
      let stays = own.background != nil && own.foreground != nil
      style.background = (stays ? own.background : below.background) ?? own.background ?? text.background
      if ground == .popupCursor, !stays { style.foreground = below.foreground ?? style.foreground }
      style.attributes.formUnion(below.attributes)
    }
    return style
  }

  /// The style that the theme gives an element, or else its stand-in.
  private func ownStyle(_ element: Element) -> Style? {
    styles[element] ?? element.standIn.flatMap(ownStyle)
  }

  /// The theme's own styles, for files that inherit from it.
  var definedStyles: [Element: Style] { styles }
}
