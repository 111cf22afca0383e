import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// Everything that changes the plan: keys of the Layers pane, and the commands that do the same.
@Suite struct PlanTests {
  /// A loaded, measured model with the cursor on layer 5 of the Layers pane.
  private func scene() throws -> Scene {
    var scene = try Scene.conversation()
    scene.state.focus(on: .layers)
    scene.state.layer = 5
    scene.effects = []
    return scene
  }

  private func plan(_ change: (inout Plan) -> Void) -> Plan {
    var plan = Plan.baseline
    change(&plan)
    return plan
  }

  @Test func spaceDropsAndRestoresTheAttention() throws {
    var scene = try scene()
    let dropped = plan { $0.drop.attention = [5] }
    let effects = scene.press(" ")
    #expect(effects.journalled == [.plan(dropped)])
    #expect(effects.plansInUse == [dropped])
    #expect(scene.press(" ").plansInUse == [.baseline])
  }

  /// What a change says does not hide how far it has come, where both have room.
  @Test(arguments: [(100, true), (40, false)])
  func aChangeShowsBesideItsProgress(width: Int, showsBoth: Bool) throws {
    var scene = try Scene(width: width, height: 20)
    scene.load()
    scene.enter("/bits 3")
    scene.send(.engine(.progress(.init(what: "re-encoding", fraction: 0.4))))
    let notice = try #require(scene.state.notice?.text), screen = render(scene.state).framedText
    #expect(screen.contains(notice))
    #expect(screen.contains("re-encoding 40 %") == showsBoth)
  }

  @Test func mDropsTheMLPAndBTheBlock() throws {
    var scene = try scene()
    #expect(scene.press("m").plansInUse == [plan { $0.drop.mlp = [5] }])
    // Half of the block is out already, so the block is put back first.
    #expect(scene.press("b").plansInUse == [.baseline])
    #expect(
      scene.press("b").plansInUse
        == [
          plan {
            $0.drop.attention = [5]; $0.drop.mlp = [5]
          }
        ])
  }

  /// The scene's file holds 5 bits a weight: the next narrower width is 4, the next wider than that the file's.
  @Test func bracketsChangeTheBitsOfTheLayer() throws {
    var scene = try scene()
    #expect(scene.press("[").plansInUse == [plan { $0.bits.layers = [5: .four] }])
    #expect(scene.press("[").plansInUse == [plan { $0.bits.layers = [5: .three] }])
    scene.press("]")
    #expect(scene.press("]").plansInUse == [.baseline])
    #expect(scene.press("]").isEmpty)
    #expect(scene.state.notice?.text.contains("widest") == true)
    for _ in 0..<20 { scene.press("[") }
    #expect(scene.state.plan.bits.layers == [5: .one])
  }

  /// Whatever the file holds, `[` leads to fewer bits a weight and `]` to more.
  @Test(arguments: [16.0, 8.5, 6.56, 5.5, 4.5, 2.06, 1.2])
  func leftBracketsNeverRaiseTheBits(_ native: Double) throws {
    var scene = try scene()
    scene.state.nativeBits = Array(repeating: native, count: Scene.layers)
    func bits() -> Double { scene.state.plan.bits(of: .mlp, layer: 5).encodedBitsPerWeight ?? native }
    for _ in 0..<10 {
      let before = bits()
      if scene.press("[").plansInUse.isEmpty { break }
      #expect(bits() < before)
    }
    for _ in 0..<10 {
      let before = bits()
      if scene.press("]").plansInUse.isEmpty { break }
      #expect(bits() > before)
    }
    #expect(scene.state.plan == .baseline)
    // A command may have chosen a width that holds more than the file.
    scene.enter("/bits 8")
    scene.press("[")
    #expect(bits() <= max(native, 8.5))
  }

  @Test func aDropsTheMostRedundantOneAfterTheOther() throws {
    var scene = try scene()
    let ranked = (0..<30).sorted {
      scene.state.redundancy.attention[$0] > scene.state.redundancy.attention[$1]
    }
    for count in 1...4 {
      scene.press("a")
      #expect(scene.state.plan.drop.attention == Set(ranked.prefix(count)))
    }
  }

  @Test func aNeedsAMeasurement() throws {
    var scene = try Scene()
    scene.load()
    scene.state.focus(on: .layers)
    #expect(scene.press("a").isEmpty)
    #expect(scene.state.notice?.text.contains("nothing is measured yet") == true)
  }

  @Test func aDroppedLayerKeepsItsLastFigure() throws {
    var scene = try scene()
    let before = scene.state.redundancy.attention[5]
    scene.press(" ")
    scene.measure(dropped: [5])
    #expect(scene.state.redundancy.attention[5] == before)
    #expect(scene.state.redundancy.mostRedundant(.attention, in: scene.state.plan) != 5)
  }

  @Test func undoAndRedoGoThroughTheHistory() throws {
    var scene = try scene()
    scene.press(" ")
    scene.press("m")
    let both = scene.state.plan
    #expect(scene.press("u").plansInUse == [plan { $0.drop.attention = [5] }])
    #expect(scene.press("u").plansInUse == [.baseline])
    #expect(scene.press("u").isEmpty)
    scene.press("U")
    #expect(scene.press("U").plansInUse == [both])
    #expect(scene.press("U").isEmpty)
    scene.press("u")
    scene.press("b")
    #expect(scene.press("U").isEmpty, "a change forgets what was undone")
    #expect(scene.enter("/undo").plansInUse == [plan { $0.drop.attention = [5] }])
    #expect(scene.enter("/redo").plansInUse.count == 1)
  }

  @Test(arguments: [0, 29])
  func droppingTheEndsWarns(_ layer: Int) throws {
    var scene = try scene()
    scene.state.layer = layer
    scene.press(" ")
    #expect(scene.state.notice?.kind == .warning)
    scene.press(" ")
    scene.enter("/drop mlp \(layer)")
    #expect(scene.state.notice?.kind == .warning)
  }

  @Test func liveRerunsOnceAfterSeveralChanges() throws {
    var scene = try scene()
    #expect(scene.press("l").journalled == [.setting(key: "live", value: "on")])
    scene.press(" ")
    scene.send(.tick(0.1))
    scene.press("m")
    #expect(scene.send(.tick(0.3)).requests.isEmpty)
    #expect(scene.send(.tick(0.6)).requests.count == 1)
    #expect(scene.send(.tick(5)).requests.isEmpty)
    scene.answer("Live")
    scene.enter("/live off")
    scene.press(" ")
    #expect(scene.send(.tick(9)).requests.isEmpty)
  }

  @Test func cursorKeysStayInside() throws {
    var scene = try scene()
    let steps: [(Key, Int)] = [
      (.down, 6), ("j", 7), (.up, 6), ("k", 5), (.pageDown, 15), (.end, 29), (.down, 29), (.pageUp, 19),
      (.home, 0), (.up, 0), ("G", 29), ("g", 0),
    ]
    for (key, layer) in steps {
      scene.press(key)
      #expect(scene.state.layer == layer)
    }
  }

  @Test func detailsFollowTheCursorAndClose() throws {
    var scene = try scene()
    scene.press(.enter)
    #expect(scene.state.overlay == .layerDetails)
    #expect(render(scene.state).plainText.contains("Layer 5"))
    scene.press("j")
    #expect(scene.state.layer == 6 && scene.state.overlay == .layerDetails)
    scene.press(.escape)
    #expect(scene.state.overlay == nil && scene.state.focus == .layers)
  }

  @Test(arguments: [
    ("/drop 5", "attn −5"), ("/drop attn 5 7-9", "attn −5,7-9"), ("/drop attn 5,7-9", "attn −5,7-9"),
    ("/drop mlp 3", "mlp −3"), ("/drop block 12", "attn −12 · mlp −12"), ("/bits 4", "bits 4"),
    ("/bits attn 3", "attn bits 3"), ("/bits mlp 8", "mlp bits 8"), ("/bits head 6", "head bits 6"),
    ("/bits 3-4 2", "L3 bits 2 · L4 bits 2"), ("/bits ternary", "bits ternary"),
    ("/rotate on", "rotated"),
  ])
  func commandsChangeThePlan(_ command: String, expected: String) throws {
    var scene = try scene()
    let effects = scene.enter(command)
    #expect(effects.plansInUse.map(\.description) == [expected])
    #expect(scene.state.plan.description == expected)
  }

  @Test func restoreTakesBack() throws {
    var scene = try scene()
    scene.enter("/drop block 5-9")
    scene.enter("/restore mlp 5-7")
    #expect(scene.state.plan.description == "attn −5-9 · mlp −8-9")
    scene.enter("/restore attn all")
    #expect(scene.state.plan.description == "mlp −8-9")
    scene.enter("/restore all")
    #expect(scene.state.plan == .baseline)
    #expect(scene.enter("/restore all").isEmpty)
  }

  @Test func dropNextIsTheKeyA() throws {
    var scene = try scene()
    var other = scene
    scene.press("a")
    other.enter("/drop next")
    #expect(scene.state.plan == other.state.plan)
    #expect(scene.state.plan != .baseline)
  }

  @Test(arguments: [
    "/drop", "/drop attn", "/drop attn x", "/drop attn 30", "/drop attn 5-", "/drop attn 9-5", "/drop tail 3",
    "/drop attn 99999999999999999999", "/bits", "/bits 7", "/bits attn", "/bits x 4", "/bits 44 4",
    "/rotate", "/rotate 4",
    "/restore",
    "/restore mlp", "/plan save", "/plan load", "/plan eat x", "/live maybe", "/branch", "/branch two",
    "/set heat 1",
    "/set temperature hot", "/set temperature 1 2", "/heat", "/heat lens2", "/theme",
    "/theme a b", "/pull", "/pull a b", "/rename", "/delete", "/export", "/export a.txt", "/compare now",
    "/copy that", "/nonsense", "/", "/dr op",
  ])
  func badCommandsSayWhatToDoAndChangeNothing(_ command: String) throws {
    var scene = try scene()
    let before = scene.state.session
    #expect(scene.enter(command).isEmpty)
    #expect(scene.state.session == before)
    let notice = try #require(scene.state.notice)
    #expect(notice.kind == .error && !notice.text.isEmpty && !notice.text.contains("\n"))
  }

  @Test func savingNamesThePlan() throws {
    var scene = try scene()
    scene.press(" ")
    #expect(scene.state.planLabel == "custom")
    guard case .savePlan(let plan, "lean", let model?, false) = scene.enter("/plan save lean").first else {
      Issue.record("no plan is saved")
      return
    }
    #expect(plan == scene.state.plan && model == "SmolLM2-135M-Instruct")
    guard case .savePlan(_, "lean", _, true) = scene.enter("/plan save lean --force").first else {
      Issue.record("the plan is not replaced")
      return
    }
    scene.send(.planSaved(name: "lean"))
    #expect(scene.state.planLabel == "lean")
    scene.press("m")
    #expect(scene.state.planLabel == "lean*")
    scene.press("u")
    #expect(scene.state.planLabel == "lean")
    scene.enter("/plan reset")
    #expect(scene.state.planLabel == "baseline")
  }

  @Test func loadingChecksThePlan() throws {
    var scene = try scene()
    let lean = plan { $0.drop.attention = [7] }
    #expect(scene.send(.planLoaded(PlanFile(plan: lean), name: "lean")).plansInUse == [lean])
    #expect(scene.state.planLabel == "lean")
    let stray = plan { $0.drop.attention = [77] }
    #expect(scene.send(.planLoaded(PlanFile(plan: stray), name: "big")).isEmpty)
    #expect(scene.state.notice?.kind == .error)
    #expect(scene.state.plan == lean)
    scene.send(.planLoaded(PlanFile(plan: .baseline, model: "Another"), name: "other"))
    #expect(scene.state.notice?.kind == .warning)
  }

  @Test func aPlanThatTheEngineRefusesIsUndone() throws {
    var scene = try scene()
    scene.enter("/drop attn 7")
    scene.usePlan()
    let inUse = scene.state.plan
    scene.enter("/bits 2")
    let effects = scene.send(.engine(.failed(.plan(scene.state.plan), message: "2 bits are not offered yet")))
    #expect(effects.journalled == [.plan(inUse)])
    #expect(effects.plansInUse == [inUse])
    #expect(scene.state.plan == inUse)
    #expect(scene.state.notice?.text == "2 bits are not offered yet")
  }

  /// A rerun stops the answer under way, and with it the encoding of the plan that it is to try.
  @Test func aStoppedPlanIsKeptForTheRerun() throws {
    var scene = try scene()
    scene.usePlan()
    scene.enter("Hello")
    scene.enter("/bits 3")
    let chosen = scene.state.plan
    scene.enter("/rerun")
    let effects = scene.send(.engine(.failed(.plan(chosen), message: "stopped")))
    #expect(effects.plansInUse.isEmpty && scene.state.plan == chosen)
    scene.answer("Hi", stop: .interrupted)
    #expect(scene.state.answering.flatMap { scene.state.session.conversation[$0]?.answer?.plan } == chosen)
  }

  @Test func aRefusedPlanLeavesANewerOneAlone() throws {
    var scene = try scene()
    scene.usePlan()
    scene.enter("/bits 3")
    let older = scene.state.plan
    scene.enter("/bits 8")
    let newer = scene.state.plan
    #expect(scene.send(.engine(.failed(.plan(older), message: "stopped"))).plansInUse.isEmpty)
    #expect(scene.state.plan == newer)
  }

  @Test func aPlanOfAnotherModelFallsBackToTheBaseline() throws {
    var scene = try scene()
    scene.enter("/drop attn 25")
    scene.effects = []
    scene.load(layers: 18)
    #expect(scene.state.plan == .baseline)
    #expect(scene.effects.plansInUse == [.baseline])
    #expect(scene.state.layer < 18)
  }
}
