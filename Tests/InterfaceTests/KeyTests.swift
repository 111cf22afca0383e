import Engine
import Inference
import Terminal
import Testing

@testable import Interface

/// Focus, keys of every pane, the mouse, and the tables behind them.
@Suite struct KeyTests {
  @Test func tabGoesThroughThePanes() throws {
    var scene = try Scene.conversation()
    var order: [PaneID] = []
    for _ in 0..<6 {
      order.append(scene.state.focus)
      scene.press(.tab)
    }
    #expect(order == [.input, .layers, .heatmap, .speed, .chat, .input])
    scene.press(.tab, .shift)
    #expect(scene.state.focus == .input)
    scene.compare()
    scene.press(.tab, .shift)
    #expect(scene.state.focus == .compare)
  }

  @Test func typingGoesToReadlineOnlyFromTheInputLine() throws {
    var scene = try Scene.conversation()
    #expect(scene.press("a").edits == 1)
    #expect(scene.press("k", .control).edits == 1)
    #expect(scene.send(.input(.paste("many\nlines"))).edits == 1)
    scene.state.focus(on: .layers)
    #expect(scene.press("x").edits == 0)
    // A paste is for the line wherever the focus is.
    #expect(scene.send(.input(.paste("text"))).edits == 1)
    #expect(scene.state.focus == .input)
  }

  @Test(arguments: [PaneID.chat, .layers, .heatmap, .speed])
  func everyPaneLeadsBackToTheInput(_ pane: PaneID) throws {
    for key in [Key.escape, "q"] {
      var scene = try Scene.conversation()
      scene.state.focus(on: pane)
      scene.press("z")
      #expect(scene.state.layout.form == .single)
      scene.press(key)
      #expect(scene.state.focus == .input && scene.state.layout.form == .wide)
    }
    var scene = try Scene.conversation()
    scene.state.focus(on: pane)
    #expect(scene.press("/").inputs == ["/"])
    #expect(scene.state.focus == .input)
  }

  @Test func helpListsEveryKeyAndCommand() throws {
    var scene = try Scene.conversation()
    scene.press(.function(1))
    var seen = ""
    for _ in 0..<40 {
      seen += render(scene.state).plainText
      scene.press(.pageDown)
    }
    for command in Command.all { #expect(seen.contains(command.synopsis)) }
    for section in KeyMap.sections where section.name != PaneID.speed.name {
      #expect(section.keys.isEmpty || seen.contains(section.heading))
      for binding in scene.state.keys[section] {
        #expect(seen.contains(binding.keyNames), "\(section.name).\(binding.action)")
      }
    }
    scene.press(.escape)
    #expect(scene.state.overlay == nil)
    scene.enter("/help")
    #expect(scene.state.overlay == .help(scroll: 0))
  }

  /// Within a pane every key does one thing, and none hides a global one.
  @Test func bindingsDoNotClash() {
    let map = KeyMap.make().map
    for pane in Panes.all.map(\.id) {
      let chords = (map[pane] + map.global).flatMap(\.chords)
      #expect(Set(chords).count == chords.count, "\(pane)")
      let actions = map[pane].map(\.action)
      #expect(Set(actions).count == actions.count, "\(pane)")
    }
    // The same holds for what takes the keys before the panes do.
    for section in KeyMap.sections {
      let chords = map[section].flatMap(\.chords), actions = map[section].map(\.action)
      #expect(Set(chords).count == chords.count && Set(actions).count == actions.count, "\(section.name)")
    }
    let sections = KeyMap.sections.map(\.name)
    #expect(Set(sections).count == sections.count)
    let names = Command.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func keysCanBeChangedInTheSettings() throws {
    let (map, warnings) = KeyMap.make(changes: [
      "layers.toggle-attention": "x", "global.help": "Ctrl-h", "layers.fly": "f", "chat.copy": "Ctrl-Sky",
    ])
    #expect(warnings.count == 2)
    var state = AppState(theme: try ThemeCatalog(userFolder: nil).theme("dark"), keys: map)
    _ = update(&state, .input(.key("h", .control)))
    #expect(state.overlay == .help(scroll: 0))
    #expect(map.binding(for: KeyChord("x"), in: .layers)?.action == "toggle-attention")
    #expect(map.binding(for: KeyChord(" "), in: .layers) == nil)
  }

  /// Overlays take their keys from the settings too; the old ones then do what any other key does.
  @Test func keysOfOverlaysCanBeChanged() throws {
    let (map, warnings) = KeyMap.make(changes: [
      "details.move-down": "w", "details.close": "x", "help.down": "n", "help.close": "F9", "plans.use": "p",
      "quit.quit": "F4", "completion.accept": "Ctrl-y",
    ])
    #expect(warnings.isEmpty)
    var scene = try Scene.conversation(keys: map)
    scene.state.focus(on: .layers)
    scene.press(.enter)
    #expect(render(scene.state).plainText.contains("x closes"))
    scene.press("w")
    #expect(scene.state.layer == 1 && scene.state.overlay == .layerDetails)
    scene.press("x")
    #expect(scene.state.overlay == nil)
    scene.press(.function(1))
    scene.press("n")
    scene.press("j")
    scene.press(.escape)
    #expect(scene.state.overlay == .help(scroll: 1))
    scene.press(.function(9))
    #expect(scene.state.overlay == nil)
    scene.send(.engine(.analysis(.report(Scene.search()))))
    scene.press("s")
    #expect(render(scene.state).plainText.contains("p uses it"))
    scene.press("p")
    #expect(scene.state.plan != .baseline && scene.state.overlay == nil)
    scene.state.focusInput()
    scene.type("/re")
    #expect(scene.press("y", .control).inputs == ["/restore "])
    scene.type("")
    scene.press("c", .control)
    #expect(render(scene.state).plainText.contains("F4 quits"))
    #expect(!scene.press(.enter).quits)
    scene.press("c", .control)
    #expect(scene.press(.function(4)).quits)
  }

  @Test(arguments: [
    ("x", KeyChord("x")), ("Space", KeyChord(" ")), ("pgup", KeyChord(.pageUp)),
    ("F12", KeyChord(.function(12))),
    ("Ctrl-a", .control("a")), ("Alt-Enter", KeyChord(.enter, .alt)), ("-", KeyChord("-")),
  ])
  func chordsAreRead(_ text: String, expected: KeyChord) { #expect(KeyChord(text) == expected) }

  @Test func chordsAreNamed() {
    #expect(KeyChord.control("c").name == "^C")
    #expect(KeyChord(.tab, .shift).name == "Shift-Tab")
    #expect(KeyChord(" ").name == "Space")
    for text in ["", "F0", "F99", "abc", "Ctrl-", "Hyper-x"] { #expect(KeyChord(text) == nil) }
  }

  @Test func theHeatmapCursorMovesAndFollows() throws {
    var scene = try Scene.conversation()
    scene.state.focus(on: .heatmap)
    let last = Scene.tokens.count - 1
    #expect(scene.state.heatmap[cursor: .token] == nil)
    scene.press(.left)
    #expect(scene.state.heatmap[cursor: .token] == last - 1)
    scene.press("0")
    #expect(scene.state.heatmap[cursor: .token] == 0)
    scene.press(.left)
    #expect(scene.state.heatmap[cursor: .token] == 0)
    scene.press(.right)
    scene.press("j")
    #expect(scene.state.heatmap[cursor: .token] == 1 && scene.state.layer == 1)
    #expect(render(scene.state).plainText.contains("L01 “user” 0.8"))
    scene.press("$")
    #expect(scene.state.heatmap[cursor: .token] == nil)
    scene.measure(tokens: Scene.tokens + [" new"])
    #expect(render(scene.state).plainText.contains("L01 “ new”"))
    scene.press(" ")
    #expect(scene.state.plan.drop.attention == [1])
    #expect(render(scene.state).plainText.contains("OFF"))
  }

  @Test func viewsAndScalesCycle() throws {
    var scene = try Scene.conversation()
    scene.state.focus(on: .heatmap)
    for family in HeatmapViews.families {
      for view in family {
        #expect(scene.state.heatmap.view.name == view.name)
        #expect(render(scene.state).plainText.contains(view.title.prefix(36)))
        scene.press("v")
      }
      scene.press("h")
    }
    #expect(scene.state.heatmap.view.name == "attn")
    scene.enter("/heat mlp")
    #expect(scene.state.heatmap.view.name == "mlp")
    let scales = (0..<4).map { _ in
      scene.press("s")
      return scene.state.heatmap.scale
    }
    #expect(Set(scales).count == 3 && scales[0] == scales[3])
  }

  @Test func theChatScrollsAndFollows() throws {
    var scene = try Scene.conversation(width: 80, height: 12)
    #expect(scene.state.chat.isFollowing)
    scene.press(.pageUp)
    #expect(!scene.state.chat.isFollowing)
    let top = scene.state.chat.firstVisibleRow
    // What is read stays where it is while more comes in.
    scene.enter("More")
    scene.press(.pageUp)
    let reading = scene.state.chat.firstVisibleRow
    scene.stream("and\nmore\nand\nmore")
    #expect(scene.state.chat.firstVisibleRow == reading)
    #expect(reading != top)
    for _ in 0..<20 { scene.press(.pageDown) }
    #expect(scene.state.chat.isFollowing)
    scene.state.focus(on: .chat)
    scene.press("g")
    #expect(scene.state.chat.firstVisibleRow == 0)
    scene.press("G")
    #expect(scene.state.chat.isFollowing)
  }

  @Test func whatIsReadStaysThroughAResize() throws {
    var scene = try Scene.conversation(width: 80, height: 12)
    scene.state.focus(on: .chat)
    scene.press("g")
    scene.press(.pageDown)
    func topText() -> String? {
      if case .text(let line, _, _) = scene.state.chat.rows(from: scene.state.chat.firstVisibleRow, count: 1)
        .first
      {
        return line.plainText
      }
      return nil
    }
    let before = topText()
    scene.send(.input(.resize(Size(width: 120, height: 12))))
    scene.send(.input(.resize(Size(width: 80, height: 12))))
    #expect(topText() == before)
  }

  @Test func messagesAreChosenAndCopied() throws {
    var scene = try Scene.conversation()
    #expect(scene.enter("/copy").copies == [Scene.secondAnswer])
    #expect(scene.enter("/copy code").copies.count == 1)
    scene.state.focus(on: .chat)
    for _ in 0..<4 { scene.press(.up) }
    #expect(scene.state.chat.selected == 0)
    scene.press(.up)
    #expect(scene.press("y").copies == ["Why is the sky blue?"])
    scene.press(.down)
    #expect(scene.press("y").copies == [Scene.firstAnswer])
    // An answer is edited as one's own messages are.
    #expect(scene.press("e").inputs == [Scene.firstAnswer])
    #expect(scene.state.editing == 2)
  }

  /// Only what is known of a copy is said, and not before it is made.
  @Test func copiesAreCalledWhatTheyAre() throws {
    var scene = try Scene.conversation()
    scene.state.notice = nil
    scene.enter("/copy")
    #expect(scene.state.notice == nil)
    scene.send(.copied(name: "the answer, 9 characters", .tmux))
    #expect(scene.state.notice?.text.contains("in tmux's buffer (prefix ] pastes it)") == true)
    scene.send(.copied(name: "the answer, 9 characters", .offered))
    #expect(scene.state.notice?.text.contains("may refuse without a word") == true)
    scene.send(.copied(name: "the answer, 9 characters", .refused))
    #expect(scene.state.notice?.kind == .error)
  }

  @Test func aSessionThatIsNotSavedSaysSoOnce() throws {
    var scene = try Scene.conversation()
    scene.send(.saving(problem: "no room"))
    #expect(scene.state.notice?.text.contains("not being saved: no room") == true)
    scene.press("x")
    scene.send(.saving(problem: "no room"))
    #expect(scene.state.notice == nil)
    #expect(render(scene.state).plainText.contains("not saved"))
    scene.press("c", .control)
    #expect(render(scene.state).plainText.contains("The session is not saved"))
    scene.press(.escape)
    scene.send(.saving(problem: nil))
    #expect(scene.state.notice?.text.contains("saved again") == true)
    scene.state.notice = nil
    #expect(!render(scene.state).plainText.contains("not saved"))
    scene.press("c", .control)
    #expect(render(scene.state).plainText.contains("The session is kept."))
  }

  @Test func theMouseFocusesAndScrolls() throws {
    var scene = try Scene.conversation()
    let layout = scene.state.layout
    for (pane, rect) in layout.panes {
      scene.send(.input(.mouse(Mouse(.press(.left), at: Point(x: rect.minX + 1, y: rect.minY + 1)))))
      #expect(scene.state.focus == pane)
    }
    let layers = try #require(layout.panes[.layers])
    let inside = Point(x: layers.minX + 2, y: layers.minY + 2)
    scene.send(.input(.mouse(Mouse(.scrollDown, at: inside))))
    #expect(scene.state.layer == 1)
    scene.send(.input(.mouse(Mouse(.press(.left), at: layout.input.origin))))
    #expect(scene.state.focus == .input)
    scene.send(.input(.mouse(Mouse(.press(.left), at: Point(x: -5, y: 999)))))
  }

  /// Esc and a key at once are the bytes of Alt and the key.
  @Test func escapeAndAKeyAtOnce() throws {
    var scene = try Scene.conversation()
    scene.press(.function(1))
    scene.press("/", .alt)
    #expect(scene.state.overlay == nil && scene.effects.edits == 1, "the help is closed, and the line has it")
    scene.state.focus(on: .layers)
    #expect(scene.press("/", .alt).edits == 1 && scene.state.focus == .input)
    // What is typed already is readline's: Alt-/ completes a file's name, Alt-b goes back a word.
    scene.type("say src")
    for key in ["/", "b"] as [Key] { #expect(scene.press(key, .alt).edits == 1) }
    scene.type("")
    #expect(scene.press("/", .alt).edits == 2, "Esc, and the key")
    #expect(scene.press("b", .alt).edits == 1)
  }

  /// An answer whose prompt was there already has no prefill to tell, and leaves no row empty.
  @Test func theSpeedPaneHasNoEmptyRow() throws {
    var scene = try Scene.conversation()
    scene.send(
      .engine(
        .rates(
          Rates(
            decodeTokensPerSecond: 100, prefillTokensPerSecond: 0, firstTokenSeconds: 0, contextUsed: 374,
            kvBytes: 9_100_000))))
    let rect = try #require(scene.state.layout.panes[.speed]).inset()
    let rows = render(scene.state).plainText.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0.dropFirst(rect.minX).prefix(rect.width)).filter { $0 != " " } }[rect.minY..<rect.maxY]
    let last = try #require(rows.lastIndex { !$0.isEmpty })
    #expect(rows[rect.minY...last].allSatisfy { !$0.isEmpty }, "\(rows)")
  }

  /// Turns of the wheel scroll a text over the panes, and not what is under it.
  @Test func theWheelScrollsAnOverlay() throws {
    var scene = try Scene.conversation()
    scene.press(.function(1))
    let place = Point(x: 60, y: 20)
    for expected in [3, 6] {
      scene.send(.input(.mouse(Mouse(.scrollDown, at: place))))
      #expect(scene.state.overlay == .help(scroll: expected))
    }
    for _ in 0..<4 { scene.send(.input(.mouse(Mouse(.scrollUp, at: place)))) }
    #expect(scene.state.overlay == .help(scroll: 0) && scene.state.layer == 0)
    scene.press("G")
    scene.press("g")
    #expect(scene.state.overlay == .help(scroll: 0))
  }

  @Test func theMouseCanBeGivenToTheTerminal() throws {
    var scene = try Scene.conversation()
    let effects = scene.enter("/mouse off")
    #expect(effects.journalled == [.setting(key: "mouse", value: "off")])
    func isOff(_ effects: [Effect]) -> Bool {
      effects.terminal.contains { if case .reportMouse(false) = $0 { true } else { false } }
    }
    #expect(isOff(effects))
    #expect(isOff(scene.send(.began(isNew: false))), "and stays so when the session is resumed")
    #expect(scene.enter("/mouse").isEmpty)
  }

  @Test func thePictureIsOfTheScreen() throws {
    var scene = try Scene.conversation()
    let shown = scene.state.svg()
    #expect(scene.enter("/picture screen.svg").pictures == ["screen.svg"])
    let svg = scene.state.svg()
    #expect(svg == shown && svg.hasPrefix("<svg"))
  }

  /// Pastes of a size that nobody types are laid out near the cursor only.
  @Test func hugeInputStaysQuick() throws {
    var scene = try Scene()
    let text = String(repeating: "天地 word ", count: 50_000)
    let time = ContinuousClock().measure {
      for cursor in [0, text.utf8.count / 2, text.utf8.count] {
        scene.send(.inputChanged(InputMirror(text: text, cursor: cursor)))
        #expect(render(scene.state).cursor != nil)
      }
    }
    #expect(time < .seconds(3))
  }

  @Test func noticesGoAway() throws {
    var scene = try Scene()
    scene.enter("/undo")
    #expect(scene.state.notice?.text == "nothing to undo")
    scene.send(.tick(100))
    #expect(scene.state.notice == nil)
    scene.enter("/nonsense")
    scene.send(.tick(200))
    #expect(scene.state.notice?.kind == .error, "errors wait for a key")
    scene.press("a")
    #expect(scene.state.notice == nil)
  }
}
