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

  @Test(arguments: ThemeCatalog.builtIn.keys.sorted())
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

  private static let colored = ThemeCatalog.builtIn.keys.filter { $0 != "mono" }.sorted()

  @Test func thereAreEight() { #expect(ThemeCatalog(userFolder: nil).names.count == 8) }

  /// WCAG's contrast of text that has to be read, for every element wherever it may stand, also with the
  /// nearest of 256 colours. Frames stand on the screen's and on boxes' ground alone; on the cursor of a list
  /// all has its colour.
  @Test(arguments: colored, [ColorDepth.trueColor, .palette256])
  func everyPairIsLegible(_ name: String, depth: ColorDepth) throws {
    let theme = try ThemeCatalog(userFolder: nil).theme(name)
    for ground in [Element.text, .cursor, .popup, .popupCursor] {
      for element in Element.allCases where element != .masked {
        if ground == .cursor, [.frame, .focusedFrame].contains(element) { continue }
        if ground != .text, element == .frame { continue }
        let style = theme.style(element, on: ground).reduced(to: depth)
        let front = try #require(style.foreground).rgb, back = try #require(style.background).rgb
        let contrast = front.contrast(with: back)
        #expect(contrast >= 4.5, "\(element.rawValue) on \(ground.rawValue): \(contrast)")
      }
    }
  }

  /// Whether a theme is for bright screens, as the background's answer chooses it.
  @Test(arguments: colored) func groundsAreDarkOrLight(_ name: String) throws {
    let ground = try ThemeCatalog(userFolder: nil).theme(name)[.text].background?.rgb.lightness ?? 0
    #expect(["light", "paper"].contains(name) ? ground > 90 : ground < 15)
  }

  @Test func theBackgroundChoosesUntilSomebodyDoes() throws {
    let catalog = ThemeCatalog(userFolder: nil)
    let (dark, light) = (try catalog.theme("dark"), try catalog.theme("light"))
    func scene() throws -> Scene {
      var scene = try Scene()
      scene.state.backgroundThemes = BackgroundThemes(dark: dark, light: light, isFollowed: true)
      return scene
    }
    let white = RGB(red: 250, green: 250, blue: 245), black = RGB(red: 20, green: 20, blue: 30)
    var asked = try scene()
    #expect(asked.send(.input(.background(white))).journalled.isEmpty)
    #expect(asked.state.theme == light)
    asked.send(.input(.background(black)))
    #expect(asked.state.theme == dark)

    var chosen = try scene()
    chosen.send(.themeLoaded(try catalog.theme("ember")))
    chosen.send(.input(.background(white)))
    #expect(chosen.state.theme.name == "ember")
    #expect(chosen.enter("/theme auto").journalled == [.setting(key: "theme", value: "auto")])
    #expect(chosen.state.theme == light)

    var late = try scene()
    late.send(.tick(60))
    late.send(.input(.background(white)))
    #expect(late.state.theme == dark)
  }

  @Test func theVariableOfTheBackground() {
    #expect(BackgroundThemes.background(colorFGBG: "0;15")?.hex == "#ffffff")
    #expect(BackgroundThemes.background(colorFGBG: "15;default;0")?.hex == "#000000")
    for text in [nil, "", "0;default", "0;99"] {
      #expect(BackgroundThemes.background(colorFGBG: text) == nil)
    }
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
    #expect(theme[.text] == Style(foreground: Color(RGB(red: 255, green: 255, blue: 255))))
    #expect(theme[.text].reduced(to: .palette256) == Style(foreground: Color(231)))
    #expect(theme[.dropped].foreground == Color(124))
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
    #expect(Set(own.names) == Set(["a", "b"] + ThemeCatalog.builtIn.keys))
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
