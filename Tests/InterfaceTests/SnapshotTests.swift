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
}
