import Foundation
import Terminal
import Testing

@testable import Interface

@Suite struct ThemeTests {
  private func read(_ toml: String, name: String = "mine") throws(ThemeError) -> Theme {
    try Theme(toml: toml, name: name, place: "mine.toml") { parent throws(ThemeError) in
      try ThemeCatalog(userFolder: nil).theme(parent)
    }
  }

  @Test(arguments: ["dark", "light", "high-contrast", "mono"])
  func builtInThemesAreComplete(_ name: String) throws {
    let theme = try ThemeCatalog(userFolder: nil).theme(name)
    #expect(Set(theme.definedStyles.keys) == Set(Element.allCases))
    #expect(!theme.summary.isEmpty)
  }

  /// The files in the repository are the ones inside the binary.
  @Test func builtInThemesAreTheFiles() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../themes")
      .standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".toml")
    }
    #expect(Set(files.map { String($0.dropLast(5)) }) == Set(ThemeCatalog.builtIn.keys))
    for (name, bytes) in ThemeCatalog.builtIn {
      #expect(try Data(contentsOf: folder.appending(path: name + ".toml")) == Data(bytes))
    }
  }

  /// WCAG's contrast of text that has to be read: 4.5 for text, 3 for what is secondary.
  @Test(arguments: ["dark", "light", "high-contrast"])
  func textIsLegible(_ name: String) throws {
    let theme = try ThemeCatalog(userFolder: nil).theme(name)
    let grounds: [Element] = [.text, .cursor, .popup, .popupCursor]
    for ground in grounds {
      let own = theme[ground]
      #expect(contrast(own) >= 4.5, "\(ground.rawValue)")
    }
    for ground in [Element.cursor, .popup] {
      for element in [Element.faint, .text, .key, .strong] {
        #expect(contrast(theme.style(element, on: ground)) >= 3, "\(element.rawValue) on \(ground.rawValue)")
      }
    }
    let furniture: Set<Element> = [.frame, .track, .focusedFrame, .bar]
    for element in Element.allCases where !furniture.contains(element) {
      #expect(contrast(theme[element]) >= (element == .faint ? 3 : 4.5), "\(element.rawValue)")
    }
  }

  private func contrast(_ style: Style) -> Double {
    func luminance(_ color: Color?) -> Double {
      let rgb = color?.rgb ?? RGB(red: 0, green: 0, blue: 0)
      func linear(_ byte: UInt8) -> Double {
        let value = Double(byte) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(rgb.red) + 0.7152 * linear(rgb.green) + 0.0722 * linear(rgb.blue)
    }
    let (a, b) = (luminance(style.foreground), luminance(style.background))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  @Test func monoUsesNoColours() throws {
    let theme = try ThemeCatalog(userFolder: nil).theme("mono")
    #expect(theme.definedStyles.values.allSatisfy { $0.foreground == nil && $0.background == nil })
    #expect(theme.ramp == nil)
  }

  @Test func filesCanInheritAndName() throws {
    let theme = try read(
      """
      summary = "mine"
      inherits = "light"
      ramp = "grey"
      [styles]
      title = { fg = "bright-blue", bold = true }
      text = { fg = "#ffffff", bg = "default" }
      """)
    #expect(theme.ramp == .grey)
    #expect(theme[.title].foreground == Color(12))
    #expect(theme[.title].attributes == .bold)
    #expect(theme[.text] == Style(foreground: Color(231)))
    #expect(theme[.dropped].foreground == Color(160))
  }

  /// TOML's other ways to write whole numbers.
  @Test(arguments: ["252", "0xFC", "0o374", "0b1111_1100", "+2_52"])
  func coloursMayBeWrittenInAnyBase(_ number: String) throws {
    let theme = try read("inherits = \"light\"\n[styles]\ntitle = { fg = \(number) }")
    #expect(theme[.title].foreground == Color(252))
  }

  @Test(arguments: [
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = inf }", "styles.title.fg"),
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = 0x1FC }", "styles.title.fg: colour 508"),
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = 2026-12-01 }", "styles.title.fg: no colour “2026-12-01”"),
    ("[styles", "line 1"),
    ("ramp = \"viridis\"", "styles.text is missing"),
    ("[styles]\ntext = { fg = 1 }", "ramp is missing"),
    ("ramp = \"rainbow\"\n[styles]\ntext = {}", "viridis, cividis, grey, mono"),
    ("inherits = \"dark\"\ncolour = 3", "colour"),
    ("inherits = \"dark\"\n[styles]\ntitel = { fg = 3 }", "styles.titel"),
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = 256 }", "styles.title.fg: colour 256"),
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = \"pinkish\" }", "pinkish"),
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = \"#12345\" }", "#12345"),
    ("inherits = \"dark\"\n[styles]\ntitle = { fg = true }", "styles.title.fg"),
    ("inherits = \"dark\"\n[styles]\ntitle = { bold = 1 }", "styles.title.bold"),
    ("inherits = \"dark\"\n[styles]\ntitle = { blink = true }", "blink"),
    ("inherits = \"dark\"\n[styles]\ntitle = 3", "styles.title"),
    ("inherits = \"night\"", "no theme “night”"),
    ("inherits = \"mine\"", "inherit"),
    ("inherits = 3", "inherits"),
  ])
  func mistakesAreNamed(_ toml: String, expected: String) {
    let error = #expect(throws: ThemeError.self) { try read(toml) }
    let text = error?.description ?? ""
    #expect(text.contains(expected), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func theUsersFolderWinsAndCannotBeLeft() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pare-themes-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appending(path: "in"), withIntermediateDirectories: true)
    let inherits = "inherits = \"%\"\n"
    for (file, parent) in [("dark", "light"), ("a", "b"), ("b", "a")] {
      try Data(inherits.replacing("%", with: parent).utf8).write(to: folder.appending(path: file + ".toml"))
    }
    let catalog = ThemeCatalog(userFolder: folder.appending(path: "in"))
    let own = ThemeCatalog(userFolder: folder)
    #expect(own.names == ["a", "b", "dark", "high-contrast", "light", "mono"])
    #expect(try own.theme("dark")[.text] == own.theme("light")[.text])
    #expect(throws: ThemeError.self) { try own.theme("a") }
    #expect(throws: ThemeError.self) { try catalog.theme("../a") }
  }

  @Test func themesAreMeasuredBeforeTheyAreParsed() throws {
    let deep = "inherits = 'dark'\n[styles]\ntext = " + String(repeating: "[", count: 17)
    let error = #expect(throws: ThemeError.self) {
      try Theme(toml: deep, name: "x", place: "x.toml") { _ throws(ThemeError) in
        throw ThemeError("not asked for")
      }
    }
    #expect(error?.description == "x.toml: line 3, column 24: nested deeper than 16 levels")
  }

  @Test func aThemeIsTakenLive() throws {
    var scene = try Scene.conversation()
    let dark = render(scene.state)
    guard case .loadTheme("light") = scene.enter("/theme light").first else {
      Issue.record("no theme is loaded")
      return
    }
    let theme = try ThemeCatalog(userFolder: nil).theme("light")
    #expect(scene.send(.themeLoaded(theme)).journalled == [.setting(key: "theme", value: "light")])
    scene.state.notice = nil
    let light = render(scene.state)
    #expect(light.plainText == dark.plainText)
    #expect(light.cells.allSatisfy { $0.style.background != Color(234) })
  }
}
