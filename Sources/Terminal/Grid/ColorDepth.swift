/// The number of colours that a terminal shows, or a person wants.
public enum ColorDepth: Int, Comparable, Sendable, CaseIterable {
  case mono = 1
  case ansi8 = 8
  case palette256 = 256
  /// Any colour: 8 bits for each of red, green and blue.
  case trueColor = 16_777_216

  public static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }
}

extension Style {
  /// The style with colours that a terminal of this depth has.
  ///
  /// Text stays readable: a foreground does not become the black that many terminals have as background, nor
  /// the same as its own background.
  public func reduced(to depth: ColorDepth) -> Style {
    switch depth {
    case .trueColor: return self
    case .palette256:
      return Style(
        foreground: foreground.map { Color($0.index) }, background: background.map { Color($0.index) },
        attributes: attributes)
    case .mono: return Style(attributes: attributes)
    case .ansi8:
      var result = self
      result.background = background?.nearestSystemColor(from: 0)
      result.foreground = foreground?.nearestSystemColor(from: foreground?.isBlack == true ? 0 : 1)
      if foreground != background, let back = result.background, result.foreground == back {
        result.foreground = Color(back.index == 0 ? 7 : 0)
      }
      return result
    }
  }
}

extension Color {
  fileprivate var isBlack: Bool { rgb == RGB(red: 0, green: 0, blue: 0) }

  /// The nearest of the 8 ANSI colours, those before `first` left out.
  ///
  /// Colours count by their hue: plain distance would turn every dark colour into black and every pale one
  /// into white.
  fileprivate func nearestSystemColor(from first: UInt8) -> Color {
    if isOfPalette, index < 8, index >= first { return self }
    let (red, green, blue) = (Int(rgb.red), Int(rgb.green), Int(rgb.blue))
    let high = max(red, green, blue)
    let low = min(red, green, blue)
    guard high - low > 40 else { return Color(high < 96 && first == 0 ? 0 : 7) }
    let middle = (high + low) / 2
    let bits = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0)
    return Color(UInt8(bits))
  }
}
