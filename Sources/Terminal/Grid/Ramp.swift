/// A scale of colours for values from 0 to 1, lighter for larger ones, and of characters for terminals with
/// too few colours.
public struct Ramp: Hashable, Sendable {
  /// From the colour of 0 to that of 1; never empty.
  public let colors: [Color]

  /// matplotlib's viridis in 12 steps of the 256-colour palette. The palette has few of viridis' colours, so
  /// these were chosen to keep its hues roughly and its rise in lightness strictly.
  public static let viridis = Ramp([53, 54, 90, 24, 60, 30, 36, 108, 41, 113, 184, 220])
  /// Cividis (Nuñez, Anderton & Renslow 2018), which people with colour-vision deficiency see the same way.
  public static let cividis = Ramp([235, 236, 238, 239, 241, 243, 244, 137, 143, 179, 185, 227])
  /// The 24 greys of the palette.
  public static let grey = Ramp(Array(232...255))

  /// The characters for terminals without the colours, from 0 to 1; the dots are sparse, so on a dark
  /// background this too grows lighter.
  public static let density: [String] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"]

  private init(_ indices: [UInt8]) {
    colors = indices.map(Color.init)
  }

  /// The colour of a value; values outside 0...1 get the nearest end's, and NaN none.
  public func color(at value: Double) -> Color? {
    Self.step(value, of: colors.count).map { colors[$0] }
  }

  /// One cell for a value: a coloured blank, or a character of `density` on terminals without 256 colours;
  /// `?` for NaN.
  public func cell(at value: Double, depth: ColorDepth) -> Cell {
    guard let color = color(at: value), let step = Self.step(value, of: Self.density.count) else {
      return Cell("?")
    }
    return depth == .palette256 ? Cell(" ", style: Style(background: color)) : Cell(Self.density[step])
  }

  private static func step(_ value: Double, of count: Int) -> Int? {
    value.isNaN ? nil : min(Int(min(max(value, 0), 1) * Double(count)), count - 1)
  }
}
