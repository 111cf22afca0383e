import Engine
import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// What labels and figures say.
@Suite struct LabelTests {
  private func plan(_ change: (inout Plan) -> Void) -> Plan {
    var plan = Plan()
    change(&plan)
    return plan
  }

  @Test func plansInAFewWords() {
    #expect(Plan.baseline.summary == "baseline")
    #expect(
      plan {
        $0.drop.attention = [1, 5, 7, 9]; $0.bits.default = .two
      }.summary == "attn −4 · 2 bits")
    #expect(
      plan {
        $0.drop.mlp = [3]; $0.bits.head = .six
      }.summary == "mlp −1 · head 6 bits")
    #expect(plan { $0.bits.layers = [3: .one] }.summary == "layer 3 1 bit")
    #expect(plan { $0.bits.layers = [3: .three, 4: .three] }.summary == "2 layers 3 bits")
    #expect(plan { $0.bits.layers = [3: .three, 4: .two] }.summary == "2 layers other bits")
    #expect(
      plan {
        $0.rotate = true; $0.bits.default = .ternary; $0.kvBits = 8
      }.summary == "ternary · rotated · KV 8 bits")
    #expect(plan { $0.heal = .mean }.summary == "baseline")
    #expect(
      plan {
        $0.heal = .mean; $0.drop.mlp = [1]
      }.summary == "mlp −1 · healed")
  }

  @Test func anAnswersLabelSaysWhatItsPlanIs() throws {
    var scene = try Scene.conversation()
    scene.enter("/drop attn 5-8")
    scene.enter("/bits 2")
    scene.usePlan()
    scene.enter("Go on")
    scene.answer("So it is.")
    #expect(render(scene.state).plainText.contains("tok/s · attn −4 · 2 bits"))
    scene.send(.planSaved(name: "lean"))
    #expect(render(scene.state).plainText.contains("tok/s · lean (attn −4 · 2 bits)"))
  }

  @Test func aChangeInMidAnswerIsMarkedInTheText() throws {
    var scene = try Scene.conversation()
    scene.enter("Go on")
    let id = try #require(scene.state.answering)
    scene.stream("So it")
    scene.enter("/drop attn 5")
    scene.usePlan()
    scene.stream(" is")
    #expect(render(scene.state).plainText.contains("So it⟦attn −1⟧ is"))
    #expect(render(scene.state).plainText.contains("baseline → attn −1"))
    // The same once it is wrapped anew, or read from a journal; the text itself is as it was.
    scene.send(.input(.resize(Size(width: 118, height: 40))))
    #expect(render(scene.state).plainText.contains("So it⟦attn −1⟧ is"))
    #expect(scene.state.session.conversation[id]?.content == "So it is")
    // Where there is no room for all plans, the last is named.
    scene.send(.input(.resize(Size(width: 72, height: 24))))
    scene.enter("/bits 3")
    scene.usePlan()
    scene.stream(".")
    #expect(render(scene.state).plainText.contains("SmolLM2 · → attn −1 · 3 bits"))
    var again = Session()
    for event in scene.effects.journalled { try again.apply(event) }
    #expect(again.conversation[id]?.answer?.planChanges.map(\.bytes) == [5, 8])
  }

  @Test func panesAgreeOnTheSpeed() throws {
    var scene = try Scene.conversation()
    scene.enter("Go on")
    scene.stream("one two three four five six seven eight", rate: 93)
    let id = try #require(scene.state.answering)
    let node = try #require(scene.state.session.conversation[id])
    #expect(scene.state.decodeRate(of: node) == scene.state.rates.shown)
    // The last half second was slower than the answer as a whole.
    scene.answer(" nine", rate: 93)
    scene.send(.engine(.rates(Rates(decodeTokensPerSecond: 78, prefillTokensPerSecond: 900))))
    let ended = try #require(scene.state.session.conversation[id])
    #expect(scene.state.decodeRate(of: ended) == 93 && scene.state.rates.shown == 93)
    #expect(!render(scene.state).plainText.contains("78.0 tok/s"))
    // The next answer has figures of its own.
    scene.enter("And on")
    scene.stream("one two three four", rate: 60)
    #expect(scene.state.rates.shown.map { $0 < 60.1 } == true)
  }

  // MARK: Nothing that matters is cut

  /// The figures of a comparison are read whole in any width that shows both answers.
  @Test(arguments: [(120, 40), (80, 24), (60, 20), (44, 18)])
  func figuresOfAComparisonAreWhole(_ size: (Int, Int)) throws {
    var scene = try Scene.conversation(width: size.0, height: size.1)
    scene.compare()
    let text = render(scene.state).plainText.replacing(/\s*│\n│\s*|\n/, with: " ").replacing(/\s+/, with: " ")
    #expect(text.contains("tok/s once"), "\(render(scene.state).plainText)")
  }

  /// At the usual sizes no word of the program itself ends in an ellipsis.
  @Test(arguments: [(120, 40), (100, 30), (80, 24), (60, 20)])
  func nothingIsCut(_ size: (Int, Int)) throws {
    func scene() throws -> Scene { try Scene.conversation(width: size.0, height: size.1) }
    var moments: [(String, Scene)] = []
    for pane in [PaneID.input, .chat, .layers, .heatmap, .speed] {
      var one = try scene()
      one.state.focus(on: pane)
      moments.append((pane.name, one))
    }
    var compared = try scene()
    compared.compare()
    moments.append(("comparison", compared))
    var measured = try scene()
    measured.send(.engine(.analysis(.report(Scene.damage()))))
    measured.state.focus(on: .layers)
    moments.append(("damage", measured))
    measured.press(.enter)
    moments.append(("details", measured))
    measured.press(.escape)
    measured.send(.engine(.analysis(.report(Scene.search()))))
    measured.press("s")
    moments.append(("plans", measured))
    for line in ["/set", "/help", "/drop nothing", "/bits 7", "/heat", "/layout", "/set temperature x"] {
      var one = try scene()
      one.enter(line)
      moments.append((line, one))
    }
    for (name, moment) in moments {
      for line in render(moment.state).plainText.split(separator: "\n")
      where line.replacing(/\d … \d/, with: "").contains("…") {
        // The help names ranges of actions, and the engine's own words may have one.
        if name == "/help", line.contains("in a key file") { continue }
        Issue.record("\(name) at \(size): \(line)")
      }
    }
  }
}
