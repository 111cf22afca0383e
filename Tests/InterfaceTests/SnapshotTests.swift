import Terminal
import Testing

@testable import Interface

@Suite struct SnapshotTests {
  static let sizes = [(120, 40), (80, 24), (40, 10), (20, 5), (1, 1)]

  @Test(arguments: sizes, ["dark", "mono"])
  func conversation(_ size: (Int, Int), theme: String) throws {
    let colors: ColorDepth = theme == "mono" ? .mono : .palette256
    let scene = try Scene.conversation(width: size.0, height: size.1, theme: theme, colors: colors)
    let grid = render(scene.state)
    #expect(grid.size == Size(width: size.0, height: size.1))
    try expectSnapshot(grid.framedText, "conversation-\(size.0)x\(size.1)-\(theme)")
  }

  @Test(arguments: sizes)
  func comparison(_ size: (Int, Int)) throws {
    var scene = try Scene.conversation(width: size.0, height: size.1)
    scene.compare()
    scene.state.focus(on: .compare)
    try expectSnapshot(render(scene.state).framedText, "comparison-\(size.0)x\(size.1)")
  }

  /// How cells look, for a few: letters in the shape of the screen, and what they stand for.
  @Test func styles() throws {
    var scene = try Scene.conversation(width: 80, height: 24)
    scene.compare()
    scene.state.focus(on: .layers)
    try expectSnapshot(render(scene.state).stylePlane, "styles-80x24-dark")
    scene = try Scene.conversation(width: 80, height: 24, theme: "mono", colors: .mono)
    scene.state.focus(on: .heatmap)
    scene.press("j")
    try expectSnapshot(render(scene.state).framedText, "heatmap-80x24-mono")
    try expectSnapshot(render(scene.state).stylePlane, "styles-80x24-mono")
  }

  /// Half blocks need 256 colours; with 8 the heatmap is drawn with characters.
  @Test func eightColours() throws {
    var scene = try Scene.conversation(colors: .ansi8)
    scene.enter("/drop attn 2")
    scene.measure(dropped: [2])
    scene.state.notice = nil
    try expectSnapshot(render(scene.state).framedText, "heatmap-120x40-8colours")
  }

  @Test func moments() throws {
    var scene = try Scene(width: 80, height: 24)
    try expectSnapshot(render(scene.state).framedText, "start-without-model")
    scene.load()
    try expectSnapshot(render(scene.state).framedText, "start")
    scene.enter("Why is the sky blue?")
    scene.send(.engine(.progress(.init(what: "reading prompt", fraction: 0.4))))
    try expectSnapshot(render(scene.state).framedText, "reading-prompt")
    scene.stream("The sky appears")
    try expectSnapshot(render(scene.state).framedText, "streaming")
    scene.enter("/drop nothing")
    try expectSnapshot(render(scene.state).framedText, "usage-error")
    scene.measure()
    scene.state.focus(on: .layers)
    scene.press(.enter)
    try expectSnapshot(render(scene.state).framedText, "layer-details")
    scene.press(.escape)
    scene.press(.function(1))
    try expectSnapshot(render(scene.state).framedText, "help")
  }
}
