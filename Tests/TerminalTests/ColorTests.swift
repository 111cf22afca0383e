import Terminal
import Testing

@Suite struct ColorTests {
  @Test func xtermPalette() {
    #expect(Color(16).rgb.hex == "#000000")
    #expect(Color(231).rgb.hex == "#ffffff")
    #expect(Color(53).rgb.hex == "#5f005f")
    #expect(Color(220).rgb.hex == "#ffd700")
    #expect(Color(232).rgb.hex == "#080808")
    #expect(Color(255).rgb.hex == "#eeeeee")
    #expect(Color(9).rgb.hex == "#ff0000")
  }

  @Test func lightness() {
    #expect(abs(RGB(red: 255, green: 255, blue: 255).lightness - 100) < 1e-3)
    #expect(RGB(red: 0, green: 0, blue: 0).lightness == 0)
    #expect(abs(RGB(red: 119, green: 119, blue: 119).lightness - 50.03) < 0.01)
    #expect(abs(RGB(red: 255, green: 0, blue: 0).lightness - 53.24) < 0.01)
  }

  @Test(arguments: [Ramp.viridis, .cividis, .grey])
  func rampsGrowLighter(_ ramp: Ramp) {
    for colors in [ramp.colors, ramp.fineColors] {
      let lightness = colors.map(\.rgb.lightness)
      #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 < $1 }, "\(lightness)")
    }
  }

  /// At each depth: as the screen shows it, a larger value is never darker; with all colours or 256, the
  /// lightness of what is sent, and with fewer the ink of the character.
  @Test(arguments: [Ramp.viridis, .cividis, .grey], ColorDepth.allCases)
  func largerValuesAreNeverDarker(_ ramp: Ramp, depth: ColorDepth) throws {
    let shades = try stride(from: 0.0, through: 1, by: 1.0 / 512).map { value -> Double in
      let cell = ramp.cell(at: value, depth: depth)
      if depth < .palette256 { return Double(try #require(Ramp.density.firstIndex(of: cell.text))) }
      return try #require(cell.style.reduced(to: depth).background).rgb.lightness
    }
    #expect(zip(shades, shades.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(Set(shades).count >= [ColorDepth.trueColor: 64, .palette256: 12][depth, default: 10])
  }

  @Test func anyColour() {
    let color = Color(RGB(red: 0x12, green: 0x34, blue: 0x56))
    #expect(color.rgb.hex == "#123456" && "\(color)" == "#123456")
    #expect(Style(foreground: color, background: Color(3)).foreground == color)
    #expect(Style(foreground: color).reduced(to: .trueColor).foreground == color)
    #expect(Style(foreground: color).reduced(to: .palette256).foreground == Color(23))
    #expect(
      Style(background: Color(RGB(red: 255, green: 0, blue: 0))).reduced(to: .ansi8).background == Color(1))
  }

  @Test func contrastIsThatOfWCAG() {
    let black = RGB(red: 0, green: 0, blue: 0), white = RGB(red: 255, green: 255, blue: 255)
    #expect(abs(black.contrast(with: white) - 21) < 1e-9 && white.contrast(with: white) == 1)
    #expect(abs(white.contrast(with: RGB(red: 0x76, green: 0x76, blue: 0x76)) - 4.54) < 0.01)
  }

  /// The official colours at 12 even steps, as matplotlib 3 gives them.
  @Test(arguments: [
    (
      Ramp.viridis,
      [
        0x440154, 0x482173, 0x433E85, 0x38588C, 0x2D708E, 0x25858E, 0x1E9B8A, 0x2AB07F, 0x52C569, 0x86D549,
        0xC2DF23, 0xFDE725,
      ]
    ),
    (
      Ramp.cividis,
      [
        0x00224E, 0x013271, 0x2F426D, 0x48526C, 0x5E636F, 0x727374, 0x878478, 0x9D9576, 0xB6A96F, 0xCEBC63,
        0xE7D150, 0xFEE838,
      ]
    ),
  ])
  func rampsFollowTheOfficialLightness(_ ramp: Ramp, _ official: [Int]) {
    #expect(ramp.colors.count == official.count)
    for (color, hex) in zip(ramp.colors, official) {
      let rgb = RGB(red: UInt8(hex >> 16), green: UInt8(hex >> 8 & 255), blue: UInt8(hex & 255))
      #expect(abs(color.rgb.lightness - rgb.lightness) < 7)
    }
  }

  @Test func rampValues() {
    #expect(Ramp.grey.color(at: 0) == Color(232))
    #expect(Ramp.grey.color(at: 1) == Color(255))
    #expect(Ramp.grey.color(at: 0.5) == Color(244))
    #expect(Ramp.grey.color(at: -.infinity) == Color(232))
    #expect(Ramp.grey.color(at: 1e300) == Color(255))
    #expect(Ramp.grey.color(at: .nan) == nil)
    #expect(Ramp.viridis.cell(at: 1, depth: .palette256) == Cell(" ", style: Style(background: Color(220))))
    #expect(Ramp.viridis.cell(at: 1, depth: .mono) == Cell("@"))
    #expect(Ramp.viridis.cell(at: 0.35, depth: .ansi8) == Cell("-"))
    #expect(Ramp.viridis.cell(at: .nan, depth: .palette256) == Cell("?"))
  }

  @Test(arguments: [
    (1, 1), (9, 1), (196, 1), (46, 2), (21, 4), (226, 3), (201, 5), (51, 6), (231, 7), (250, 7), (240, 7),
    (232, 7), (16, 0), (0, 0), (22, 2), (208, 3), (184, 3), (39, 6),
  ])
  func textInEightColors(_ index: UInt8, _ nearest: UInt8) {
    #expect(Style(foreground: Color(index)).reduced(to: .ansi8).foreground == Color(nearest))
  }

  @Test func textStaysReadableInEightColors() {
    for foreground in UInt8.min...UInt8.max {
      for background in UInt8.min...UInt8.max where foreground != background {
        let style = Style(foreground: Color(foreground), background: Color(background)).reduced(to: .ansi8)
        #expect(style.foreground != style.background)
        #expect(style.foreground!.index < 8 && style.background!.index < 8)
      }
    }
  }

  @Test func monoKeepsAttributes() {
    let style = Style(foreground: Color(1), background: Color(2), attributes: [.bold, .reverse])
    #expect(style.reduced(to: .mono) == Style(attributes: [.bold, .reverse]))
    #expect(style.reduced(to: .palette256) == style)
  }
}
