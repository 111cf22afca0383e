import Terminal
import Testing

@testable import Interface

@Suite struct CompletionTests {
  private func candidates(_ text: String) throws -> [String] {
    var scene = try Scene.conversation()
    scene.type(text)
    return scene.state.completion?.candidates.map(\.text) ?? []
  }

  @Test func commandsComplete() throws {
    #expect(try candidates("/").count == Command.all.count)
    #expect(try candidates("/re") == ["/restore", "/redo", "/rerun", "/retry", "/read", "/rename"])
    #expect(try candidates("/rerun") == [])
    #expect(try candidates("hello /re") == [])
    #expect(try candidates("/nope") == [])
  }

  @Test func argumentsComplete() throws {
    #expect(try candidates("/heat ") == HeatmapViews.all.map(\.name) + ["scale", "only", "save"])
    #expect(try candidates("/heat m") == ["mlp"])
    #expect(try candidates("/heat only ") == ["all", "running"])
    #expect(try candidates("/theme ") == ["dark", "light", "mono"])
    #expect(try candidates("/plan load ") == ["lean", "tiny"])
    #expect(try candidates("/plan s") == ["save"])
    #expect(try candidates("/model smol") == ["smollm2-135m"])
    #expect(try candidates("/sessions r") == ["rivers"])
    #expect(try candidates("/bits attn 4") == [])
    #expect(try candidates("/set temp") == ["temperature"])
    #expect(try candidates("/nope x") == [])
  }

  /// A command that has arguments to offer offers some, and each that it offers first it also takes.
  @Test func whatIsOfferedIsTaken() throws {
    for command in Command.all {
      var scene = try Scene.conversation()
      scene.compare()
      for candidate in command.candidates(scene.state, []) {
        scene.state.notice = nil
        scene.enter("/\(command.name) \(candidate.text)")
        // Some go on: /plan save NAME.
        let needsMore =
          ["save", "load", "attn", "mlp", "block", "heads", "head", "act", "only", "replay"].contains(
            candidate.text)
          || command.name == "set"
        #expect(needsMore || scene.state.notice?.kind != .error, "/\(command.name) \(candidate.text)")
      }
    }
  }

  @Test func tabTakesTheSelected() throws {
    var scene = try Scene.conversation()
    scene.type("/re")
    #expect(scene.press(.tab).inputs == ["/restore "])
    #expect(scene.state.focus == .input)
    scene.press(.down)
    scene.press(.down)
    #expect(scene.press(.enter).inputs == ["/rerun "])
    scene.press(.up)
    scene.press(.up)
    scene.press(.up)
    #expect(scene.press(.tab).inputs == ["/rename "])
    scene.press(.up)
    #expect(scene.press(.tab).inputs == ["/read "])
  }

  @Test func enterRunsWhatIsTyped() throws {
    var scene = try Scene.conversation()
    scene.type("/re")
    #expect(scene.press(.enter).edits == 1)
    scene.press(.escape)
    #expect(scene.state.completion == nil)
    scene.type("/red")
    #expect(scene.state.completion != nil)
  }

  @Test func theListIsDrawnAboveTheLine() throws {
    var scene = try Scene.conversation(width: 80, height: 24)
    scene.type("/pl")
    let grid = render(scene.state)
    #expect(grid.plainText.contains("/plan  keep plans by name"))
    #expect(grid[3, 21].text == "/")
    #expect(grid.cursor == Point(x: 5, y: 22))
  }

  @Test func aCursorInsideTheLineCompletesNothing() throws {
    var scene = try Scene.conversation()
    scene.send(.inputChanged(InputMirror(text: "/re", cursor: 1)))
    #expect(scene.state.completion == nil)
  }
}
