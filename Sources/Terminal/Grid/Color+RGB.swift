import Foundation

/// A colour by its sRGB components.
public struct RGB: Hashable, Sendable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The notation of CSS and SVG: `#rrggbb`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Relative luminance, 0 (black) to 1 (white).
  var luminance: Double {
    func linear(_ component: UInt8) -> Double {
      let value = Double(component) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// CIE lightness L*, 0 (black) to 100 (white), of the sRGB colour under D65.
  public var lightness: Double {
    let luminance = luminance
    return luminance <= 216.0 / 24389 ? luminance * 24389 / 27 : 116 * pow(luminance, 1.0 / 3) - 16
  }
}

extension RGB {
  /// WCAG's contrast of two colours: from 1 to 21; text is legible from 4.5 on.
  public func contrast(with other: RGB) -> Double {
    let (one, two) = (luminance, other.luminance)
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }
}

extension Color: CustomStringConvertible {
  /// As theme files write it: `184`, `#1c1c1f`.
  public var description: String { isOfPalette ? "\(code)" : rgb.hex }
}

extension Color {
  /// Whether it is of the palette.
  var isOfPalette: Bool { code < Self.rgbMark }

  /// The number in the palette; that of the nearest there, for other colours.
  public var index: UInt8 { isOfPalette ? UInt8(code) : Self.nearestIndex(rgb) }

  /// The nearest of the palette's colour cube (16…231) and greys (232…255); the first 16 differ from terminal
  /// to terminal and are left out.
  private static func nearestIndex(_ rgb: RGB) -> UInt8 {
    let levels = [0, 95, 135, 175, 215, 255]
    func nearestLevel(_ value: Int) -> Int {
      levels.indices.min { abs(levels[$0] - value) < abs(levels[$1] - value) } ?? 0
    }
    let (red, green, blue) = (Int(rgb.red), Int(rgb.green), Int(rgb.blue))
    func distance(_ r: Int, _ g: Int, _ b: Int) -> Int {
      (r - red) * (r - red) + (g - green) * (g - green) + (b - blue) * (b - blue)
    }
    let (r, g, b) = (nearestLevel(red), nearestLevel(green), nearestLevel(blue))
    let grey = min(23, max(0, ((red + green + blue) / 3 - 3) / 10))
    let greyLevel = 8 + 10 * grey
    return distance(levels[r], levels[g], levels[b]) <= distance(greyLevel, greyLevel, greyLevel)
      ? UInt8(16 + 36 * r + 6 * g + b) : UInt8(232 + grey)
  }

  /// The components; of a colour of the palette, those of xterm's. Terminals let people change the first 16;
  /// the cube and the greys are the same everywhere.
  public var rgb: RGB {
    guard isOfPalette else {
      return RGB(
        red: UInt8(truncatingIfNeeded: code >> 16), green: UInt8(truncatingIfNeeded: code >> 8),
        blue: UInt8(truncatingIfNeeded: code))
    }
    switch index {
    case 0..<16: return Self.system[Int(index)]
    case 16..<232:
      func component(_ step: UInt8) -> UInt8 { step == 0 ? 0 : 55 + 40 * step }
      let cube = index - 16
      return RGB(red: component(cube / 36), green: component(cube / 6 % 6), blue: component(cube % 6))
    default:
      let grey = 8 + 10 * (index - 232)
      return RGB(red: grey, green: grey, blue: grey)
    }
  }

  private static let system: [RGB] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255),
    (0, 255, 255), (255, 255, 255),
  ].map { RGB(red: $0.0, green: $0.1, blue: $0.2) }
}
