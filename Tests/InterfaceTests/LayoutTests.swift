import Sessions
import Terminal
import Testing

@testable import Interface

@Suite struct LayoutTests {
  private func press(_ scene: inout Scene, _ keys: String) {
    for key in keys { scene.press(.character(key)) }
  }

  @discardableResult
  private func mouse(_ scene: inout Scene, _ action: Mouse.Action, x: Int, y: Int) -> [Effect] {
    scene.send(.input(.mouse(Mouse(action, at: Point(x: x, y: y)))))
  }

  @Test func theChatAloneStaysWhileOneTypes() throws {
    var scene = try Scene.conversation()
    #expect(scene.press(.function(2)).layouts.map(\.chatOnly) == [true])
    for text in ["a", "ab", ""] {
      scene.type(text)
      #expect(scene.state.layout.panes[.chat] == Rect(x: 0, y: 1, width: 120, height: 37))
      #expect(scene.state.layout.panes.count == 1 && scene.state.layout.tabs.isEmpty)
    }
    scene.enter("And then?")
    scene.answer("Then it is night.")
    #expect(scene.state.layout.panes.count == 1)
    // Other panes are there while they have the focus.
    scene.press(.tab)
    #expect(scene.state.layout.panes.keys.map(\.name) == ["layers"] && !scene.state.layout.tabs.isEmpty)
    scene.press(.escape)
    #expect(scene.state.layout.panes.keys.map(\.name) == ["chat"])
    // So is what a rerun is compared with.
    scene.enter("/rerun")
    scene.answer("Then it is night again.")
    #expect(Set(scene.state.layout.panes.keys.map(\.name)) == ["chat", "compare"])
    #expect(scene.enter("/layout panes").layouts.map(\.chatOnly) == [false])
    #expect(scene.state.layout.form == .wide)
  }

  @Test func keysMoveTheDividers() throws {
    var scene = try Scene.conversation()
    func columns() -> Int { scene.state.layout.panes[.layers]?.width ?? 0 }
    let before = columns()
    scene.state.focus(on: .layers)
    press(&scene, ">>>")
    #expect(columns() == before + 6)
    press(&scene, "<")
    #expect(columns() == before + 4)
    scene.state.focus(on: .chat)
    press(&scene, ">")
    #expect(columns() == before + 2)
    // Both sides keep room to be read, and a way back is as short as it looks.
    for _ in 0..<100 { scene.press(">") }
    #expect(columns() == 28)
    press(&scene, "<")
    #expect(columns() == 30)
    for _ in 0..<100 { scene.press("<") }
    #expect(scene.state.layout.panes[.chat]?.width == 28)
    #expect(scene.enter("/layout reset").layouts.last?.side == nil)
    #expect(columns() == before)
    scene.enter("/layout 50%")
    #expect(columns() == 60)
  }

  @Test func theMouseMovesTheDividers() throws {
    var scene = try Scene.conversation()
    let chat = try #require(scene.state.layout.panes[.chat])
    mouse(&scene, .press(.left), x: chat.maxX - 1, y: 10)
    #expect(mouse(&scene, .drag(.left), x: 69, y: 12).isEmpty)
    #expect(scene.state.layout.panes[.chat]?.maxX == 69)
    let layout = try #require(mouse(&scene, .release, x: 69, y: 12).layouts.first)
    #expect(abs((layout.side ?? 0) - 51.0 / 120) < 1e-9)
    // Without a press on the divider nothing is dragged.
    mouse(&scene, .press(.left), x: 20, y: 10)
    mouse(&scene, .drag(.left), x: 50, y: 10)
    #expect(scene.state.layout.panes[.chat]?.maxX == 69)

    scene.compare()
    let below = try #require(scene.state.layout.panes[.compare])
    mouse(&scene, .press(.left), x: 10, y: below.minY)
    mouse(&scene, .drag(.left), x: 10, y: below.minY - 5)
    #expect(scene.state.layout.panes[.compare]?.minY == below.minY - 5)
    #expect(mouse(&scene, .release, x: 10, y: below.minY - 5).layouts.first?.main != nil)
  }

  @Test func theLayoutIsAsItWasLast() throws {
    var scene = try Scene.conversation()
    scene.state.focus(on: .heatmap)
    press(&scene, ">>")
    guard case .rememberLayout(let remembered) = scene.state.rememberingLayout else { return }
    var next = try Scene.conversation()
    next.state.restoreLayout(remembered)
    #expect(next.state.arrangement == scene.state.arrangement && next.state.side == .heatmap)
    #expect(next.state.layout.panes[.heatmap]?.width == scene.state.layout.panes[.heatmap]?.width)
    // What somebody wrote into the file is no reason to fail.
    next.state.restoreLayout(RememberedState.Layout(side: .nan, main: 17, pane: "nowhere"))
    #expect(next.state.arrangement == Arrangement())
  }

  @Test func smallScreensShowOnePaneAtATime() throws {
    var scene = try Scene.conversation(width: 60, height: 20)
    #expect(scene.state.layout.panes.keys.map(\.name) == ["chat"])
    #expect(scene.state.layout.tabs.map(\.name) == ["chat", "layers", "heatmap", "speed"])
    scene.compare()
    #expect(Set(scene.state.layout.panes.keys.map(\.name)) == ["chat", "compare"])
    #expect(render(scene.state).plainText.contains("splits at token"))
  }

  /// Wherever dividers are, and whatever is dragged, all panes are on the screen and side by side.
  @Test func panesNeverOverlap() throws {
    for (width, height) in [(72, 12), (80, 24), (120, 40), (60, 20), (200, 60)] {
      for share in [0.06, 0.3, 0.5, 0.94] {
        var scene = try Scene.conversation(width: width, height: height)
        scene.compare()
        scene.state.arrangement.sideShare = share
        scene.state.arrangement.mainShare = share
        let layout = scene.state.layout
        for rect in layout.panes.values {
          #expect(rect.minX >= 0 && rect.maxX <= width && rect.minY >= 1 && rect.maxY <= layout.input.minY)
          #expect(rect.width >= 10 && rect.height >= 3, "\(width)x\(height) \(share) \(rect)")
        }
        _ = render(scene.state)
      }
    }
  }

  @Test(arguments: ["/layout", "/layout sideways", "/layout 5", "/layout 95 %", "/layout chat now"])
  func mistakesAreNamed(_ line: String) throws {
    var scene = try Scene.conversation()
    #expect(scene.enter(line).isEmpty)
    #expect(scene.state.notice?.kind == .error && scene.state.notice?.text.contains("/layout chat") == true)
  }
}
