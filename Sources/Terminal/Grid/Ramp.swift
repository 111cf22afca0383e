/// A scale of colours for values from 0 to 1, lighter for larger ones, and of characters for terminals with
/// too few colours.
public struct Ramp: Hashable, Sendable {
  /// From the colour of 0 to that of 1, of the 256-colour palette; never empty.
  public let colors: [Color]
  /// The same for terminals with all colours, in finer steps.
  public let fineColors: [Color]

  /// matplotlib's viridis (Smith & van der Walt, CC0), which everyone sees grow lighter alike; and 12 steps of
  /// the 256-colour palette. The palette has few of viridis' colours, so these were chosen to keep its hues
  /// roughly and its rise in lightness strictly.
  public static let viridis = Ramp(
    [53, 54, 90, 24, 60, 30, 36, 108, 41, 113, 184, 220], through: viridisAnchors)
  /// Viridis at even distances, as `0xRRGGBB`.
  public static let viridisAnchors: [UInt32] = [
    0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e, 0x1f988b, 0x22a884,
    0x35b779, 0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725,
  ]
  /// Cividis (Nuñez, Anderton & Renslow 2018), which people with colour-vision deficiency see the same way.
  public static let cividis = Ramp(
    [235, 236, 238, 239, 241, 243, 244, 137, 143, 179, 185, 227],
    through: [
      0x00224e, 0x013271, 0x2f426d, 0x48526c, 0x5e636f, 0x727374, 0x878478, 0x9d9576, 0xb6a96f, 0xcebc63,
      0xe7d150, 0xfee838,
    ])
  /// The 24 greys of the palette.
  public static let grey = Ramp(Array(232...255), through: [0x080808, 0xeeeeee])

  /// The characters for terminals without the colours, from 0 to 1; the dots are sparse, so on a dark
  /// background this too grows lighter.
  public static let density: [String] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"]

  /// Shades on terminals with all colours. More could hardly be told apart, and a heatmap needs a pair of
  /// colours for every two of them.
  static let fineSteps = 64

  /// - Parameter anchors: Colours at even distances, as `0xRRGGBB`.
  private init(_ indices: [UInt8], through anchors: [UInt32]) {
    colors = indices.map { Color($0) }
    fineColors = (0..<Self.fineSteps).map { step in
      Color(RGB(at: Double(step) / Double(Self.fineSteps - 1), through: anchors))
    }
  }

  /// The colour of a value; values outside 0...1 get the nearest end's, and NaN none.
  public func color(at value: Double, depth: ColorDepth = .palette256) -> Color? {
    let colors = depth == .trueColor ? fineColors : colors
    return Self.step(value, of: colors.count).map { colors[$0] }
  }

  /// One cell for a value: a coloured blank, or a character of `density` on terminals without 256 colours;
  /// `?` for NaN.
  public func cell(at value: Double, depth: ColorDepth) -> Cell {
    guard let color = color(at: value, depth: depth), let step = Self.step(value, of: Self.density.count)
    else {
      return Cell("?")
    }
    return depth >= .palette256 ? Cell(" ", style: Style(background: color)) : Cell(Self.density[step])
  }

  private static func step(_ value: Double, of count: Int) -> Int? {
    value.isNaN ? nil : min(Int(min(max(value, 0), 1) * Double(count)), count - 1)
  }
}

extension RGB {
  /// The colour at a place from 0 to 1 on the way through colours at even distances.
  ///
  /// - Parameter anchors: `0xRRGGBB`, at least two.
  public init(at place: Double, through anchors: [UInt32]) {
    let place = min(max(place, 0), 1) * Double(anchors.count - 1)
    let low = min(Int(place), anchors.count - 2), share = place - Double(low)
    func mixed(_ shift: UInt32) -> UInt8 {
      let a = Double(anchors[low] >> shift & 255), b = Double(anchors[low + 1] >> shift & 255)
      return UInt8((a + (b - a) * share).rounded())
    }
    self.init(red: mixed(16), green: mixed(8), blue: mixed(0))
  }
}
