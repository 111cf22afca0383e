import Analysis
import Foundation
import Inference
import Terminal
import Testing

@testable import Interface

/// Heads in the heatmap and in commands: dropped, restored, measured.
@Suite struct HeadTests {
  private func dropped(_ heads: [Int: Set<Int>]) -> Plan {
    var plan = Plan.baseline
    for (layer, heads) in heads { plan.drop[heads: layer] = heads }
    return plan
  }

  @Test func commandsDropAndRestore() throws {
    var scene = try Scene.conversation()
    #expect(scene.enter("/drop heads 5:1,3 7:0-2").plansInUse == [dropped([5: [1, 3], 7: [0, 1, 2]])])
    #expect(scene.state.notice?.text == "plan: heads −5:1,3 7:0-2")
    scene.usePlan()
    #expect(render(scene.state).plainText.contains("attn 30/30 mlp 30/30 heads −5"))
    #expect(scene.state.plan.summary == "heads −5")
    #expect(scene.enter("/restore heads 7:1;5:3").plansInUse == [dropped([5: [1], 7: [0, 2]])])
    #expect(scene.enter("/restore heads all").plansInUse == [.baseline])
    scene.enter("/drop heads 5:1")
    #expect(scene.enter("/restore all").plansInUse == [.baseline])
    #expect(scene.enter("/undo").plansInUse == [dropped([5: [1]])])
    // The heads of a dropped attention are dropped with it.
    #expect(scene.enter("/drop attn 5").plansInUse.first?.description == "attn −5")
  }

  @Test(arguments: [
    ("/drop heads", "/drop: which heads? write /drop heads 5:1,3 7:0-2"),
    ("/drop heads 5", "/drop: “5” does not name heads of a layer: write lists such as 5:1,3 7:0-2"),
    ("/drop heads 30:1", "drop.heads: layer 30 is not in SmolLM2-135M-Instruct, whose layers are 0…29"),
    ("/drop heads 5:9", "drop.heads: layer 5 of SmolLM2-135M-Instruct has no head 9: its heads are 0…8"),
    (
      "/drop heads 5:0-8",
      "drop.heads: these are all heads of layer 5; drop its attention instead (drop.attention)"
    ),
  ])
  func refuses(command: String, says: String) throws {
    var scene = try Scene.conversation()
    #expect(scene.enter(command).plansInUse.isEmpty)
    #expect(scene.state.notice?.text == says && scene.state.notice?.kind == .error)
    #expect(scene.state.plan == .baseline)
  }

  /// x drops and restores the head under the cursor, in the overview and in the view of one head.
  @Test(arguments: ["heads", "heads-damage", "head"])
  func aKeyDropsTheHead(view: String) throws {
    var scene = try Scene.heatmap(view)
    scene.press("]")
    #expect(scene.press("x").plansInUse == [dropped([0: [1]])])
    #expect(scene.state.notice?.text == "head 0:1 is dropped")
    scene.usePlan()
    scene.probe()
    #expect(render(scene.state).plainText.contains("OFF"))
    #expect(scene.press("x").plansInUse == [.baseline])
    #expect(scene.state.notice?.text == "head 0:1 is back")
    scene.press(" ")
    #expect(scene.press("x").isEmpty && scene.state.notice?.text.contains("Space restores it") == true)
  }

  @Test func noHeadIsUnderTheCursorElsewhere() throws {
    var scene = try Scene.heatmap("attn")
    #expect(scene.press("x").plansInUse.isEmpty)
    #expect(scene.state.notice?.text == "no head is under the cursor: /heat heads shows them")
  }

  /// Dropped heads look different in the overview, also without colours.
  @Test func droppedHeadsShow() throws {
    var scene = try Scene.heatmap("heads", theme: "mono", colors: .mono)
    scene.enter("/drop heads 0:1 3:0-4")
    scene.usePlan()
    scene.probe()
    scene.state.notice = nil
    try expectSnapshot(render(scene.state).framedText, "heads-dropped")
  }

  @Test func damageIsMeasuredAndShown() throws {
    var scene = try Scene.heatmap("heads")
    let request = DamageRequest(
      model: "/models/SmolLM2-135M-Instruct.Q4_1.gguf", plan: .baseline, units: .heads, text: .builtin,
      tokens: 256)
    #expect(scene.press("d").analyses as? [DamageRequest] == [request])
    scene.send(.engine(.analysis(.report(Scene.headDamage()))))
    let ended = scene.send(.engine(.analysis(.ended(.stopped))))
    #expect(ended.keptDamage == [Scene.headDamage()])
    let text = try #require(scene.state.notice?.text)
    #expect(text.hasPrefix("stopped: 240 heads over 256 tokens; least KL: head "))
    scene.enter("/heat heads-damage")
    #expect(render(scene.state).plainText.contains("damage of heads · layer × head · 88 %"))
    #expect(
      scene.enter("/measure heads 128").analyses as? [DamageRequest] == [
        {
          var other = request
          other.tokens = 128
          return other
        }()
      ])
    // What is known of sublayers alone is no damage of heads.
    scene = try Scene.heatmap("heads")
    scene.enter("/heat heads-damage")
    #expect(render(scene.state).plainText.contains("/measure heads"))
  }

  /// The lens tells the candidates of a place, and the rank of what is said in the end.
  @Test func theLensTellsCandidatesAndRank() throws {
    var scene = try Scene.heatmap("lens-sublayers")
    scene.press("g")
    scene.press("j")
    let text = render(scene.state).plainText
    #expect(text.contains("L00 attn") && text.contains("“ w4” 0.0"))
    #expect(text.contains("here rank 2361, probability 0.0"))
    #expect(scene.state.layer == 0)
    scene.press("j")
    #expect(render(scene.state).plainText.contains("L00 “"))
    scene.press("j")
    #expect(scene.state.layer == 1 && render(scene.state).plainText.contains("L01 attn"))
    scene.press("k")
    scene.press("k")
    scene.press("k")
    #expect(render(scene.state).plainText.contains("input"))
    // Where there is little room, the map itself has it.
    scene.send(.input(.resize(Size(width: 60, height: 12))))
    #expect(!render(scene.state).plainText.contains("here rank"))
  }

  /// Salience is asked for by word or number, measured in the background, and shown as it comes.
  @Test func salience() throws {
    var scene = try Scene.conversation()
    for (line, choice): (String, SalienceRequest.Choice) in [
      ("/salience", .last), ("/salience 12", .number(12)), ("/salience blue", .word("blue")),
    ] {
      let requests = scene.enter(line).analyses as? [SalienceRequest]
      #expect(requests?.map(\.choice) == [choice])
      #expect(scene.state.heatmap.view.name == "salience")
      #expect(render(scene.state).plainText.contains("/salience, for the last token"))
      scene.send(.engine(.analysis(.report(Scene.salience()))))
      #expect(render(scene.state).plainText.contains("salience for “ blue” · word × effect · 71 %"))
      scene.send(.engine(.analysis(.ended(.stopped))))
      let text = try #require(scene.state.notice?.text)
      #expect(text.hasPrefix("stopped: 5 words left out before “ blue”; most by “"))
    }
    scene = try Scene()
    scene.load()
    #expect(scene.enter("/salience").analyses.isEmpty)
    #expect(scene.state.notice?.text == "nothing is answered yet")
    scene = try Scene.conversation()
    scene.enter("/salience two words")
    #expect(scene.state.notice?.kind == .error)
  }

  @Test func aHeadTellsWhatItWrites() throws {
    var scene = try Scene.heatmap("head")
    #expect(render(scene.state).plainText.contains("writes “ up0” +1.50 · “ up1” +1.25"))
    #expect(render(scene.state).plainText.contains("against “ down0” -1.00 · “ down1” -0.88"))
    scene.press("k")
    #expect(!render(scene.state).plainText.contains("writes"))
  }
}
