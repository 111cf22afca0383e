import Analysis
import Engine
import Foundation
import Inference
import Sessions
import Terminal
import TestModels
import Testing

@testable import Interface

/// Words shaded by how they were drawn, the cursor that walks through tokens, and branches.
@Suite struct TokenTests {
  static let sizes = [(120, 40), (80, 24), (60, 20)]

  /// The text of the answer's tokens on the screen, in their order, without what wrapping took away.
  private func shown(_ scene: Scene) -> String {
    let entry = scene.state.chat.entries.last { $0.tokens != nil }
    return entry.map { TextRow.text($0.text.rows) } ?? ""
  }

  private func cursor(_ scene: Scene) -> Int? { scene.state.tokenCursor?.token }

  // MARK: Shading

  /// Answers stand as they were written, and each token's cells have its shade.
  @Test func shadesFollowTheTokens() throws {
    var scene = try Scene.recorded()
    #expect(shown(scene) == "")
    scene.enter("/shade surprise")
    #expect(shown(scene) == Scene.firstAnswer)
    let entry = try #require(scene.state.chat.entries.last), tokens = try #require(entry.tokens)
    let records = try #require(scene.state.session.conversation[entry.node]?.answer?.records)
    var texts = [String](repeating: "", count: records.count)
    for row in entry.text.rows {
      for stretch in tokens.text.stretches(of: row) {
        texts[stretch.token] += row.line.plainText.slice(cells: stretch.cells)
      }
    }
    for (text, (piece, _)) in zip(texts, Scene.pieces(Scene.firstAnswer)) {
      // A space at which a row ends is not shown.
      let word = piece.drop { $0 == " " }.replacing("\n", with: "")
      #expect(text == piece.replacing("\n", with: "") || text == word)
    }
    // The colours are those of the ramp: a surprise is another than what was likely.
    let grid = render(scene.state)
    let backgrounds = Set((2..<60).map { grid[$0, 7].style.background })
    #expect(backgrounds.count > 2)
    scene.enter("/shade off")
    #expect(shown(scene) == "" && render(scene.state).plainText.contains("• Blue light"))
  }

  /// A token that streams in is told apart like the others, whatever it holds.
  @Test func streamsWithItsTokens() throws {
    var whole = try Scene.recorded()
    whole.enter("/shade entropy")
    var scene = try Scene(width: 120, height: 40)
    scene.load(sampling: Scene.tokenSampling)
    scene.enter("/shade entropy")
    scene.enter("Why is the sky blue?")
    scene.answerWithDraws(Scene.pieces(Scene.firstAnswer))
    let (streamed, built) = (scene.state.chat.entries[1], whole.state.chat.entries[1])
    #expect(streamed.text.rows == built.text.rows)
    #expect(streamed.tokens?.text == built.tokens?.text)

    let odd = ["a\tb", "\u{1B}[31m", "\u{202E}", "漢字", " e\u{301}", "\n\n", "  ", "x", "\r\n", "", "end"]
    scene.enter("Odd ones?")
    scene.answerWithDraws(odd.map { ($0, .content) })
    let entry = scene.state.chat.entries[3]
    var anew = scene
    anew.send(.input(.resize(Size(width: 60, height: 20))))
    anew.send(.input(.resize(Size(width: 120, height: 40))))
    #expect(anew.state.chat.entries[3].tokens?.text == entry.tokens?.text)
    #expect(anew.state.chat.entries[3].text.rows == entry.text.rows)
    scene.enter("/token 0")
    for expected in 1..<odd.count {
      scene.press(.right)
      #expect(cursor(scene) == expected)
      _ = render(scene.state)
    }
  }

  @Test func shadesAreToldApartWithoutColours() throws {
    for (colors, theme) in [(ColorDepth.mono, "mono"), (.ansi8, "dark")] {
      var scene = try Scene.recorded(theme: theme, colors: colors)
      scene.state.focus(on: .chat)
      scene.press("s")
      #expect(scene.state.tokenShade == .surprise)
      let grid = render(scene.state)
      let legend = (0..<68).map { grid[$0, 36].style.attributes }
      #expect(legend.contains(.reverse) || legend.contains { $0.contains(.reverse) }, "\(theme)")
      #expect(legend.contains { $0.contains(.underline) && !$0.contains(.reverse) })
      scene.enter("/token 3")
      let place = try #require(scene.state.tokenPlace)
      let row = place.row - scene.state.chat.firstVisibleRow + 2
      let shown = render(scene.state)
      let reversed = (2..<68).filter { shown[$0, row].style.attributes.contains(.reverse) }
      #expect(reversed == Array(place.cells.lowerBound + 2..<place.cells.upperBound + 2), "\(theme)")
    }
  }

  @Test func keysAndClicksCycle() throws {
    var scene = try Scene.recorded()
    scene.state.focus(on: .chat)
    for expected: TokenShade? in [.surprise, .probability, .entropy, nil, .surprise] {
      scene.press("s")
      #expect(scene.state.tokenShade == expected)
    }
    func click(_ x: Int, _ y: Int) {
      scene.send(.input(.mouse(Mouse(.press(.left), at: Point(x: x, y: y)))))
      scene.send(.input(.mouse(Mouse(.release, at: Point(x: x, y: y)))))
    }
    click(4, 5)  // the line above the answer
    #expect(scene.state.tokenShade == .probability)
    click(60, 36)  // the legend
    #expect(scene.state.tokenShade == .entropy)
    click(6, 6)  // “ sky”
    #expect(cursor(scene) == 1)
    click(3, 6)
    #expect(cursor(scene) == 0)
  }

  /// Answers of older programs have no records: they stay as they are, and that is said.
  @Test func olderAnswers() throws {
    var scene = try Scene.conversation()
    // Those of the engine have always: these were journalled without.
    let session = try scene.effects.replayed { event in
      guard case .answerText(let id, let text, let thought, let ids, _) = event else { return event }
      return .answerText(id: id, text: text, reasoning: thought, tokenIDs: ids)
    }
    scene.send(.sessionOpened(session, name: "old", isNew: false))
    scene.enter("/token")
    #expect(scene.state.tokenCursor == nil)
    #expect(scene.state.notice?.text.contains("no record of its tokens") == true)
    scene.enter("/shade surprise")
    #expect(render(scene.state).plainText.contains("┌╴python"))
  }

  // MARK: The cursor

  @Test func walks() throws {
    var scene = try Scene.recorded()
    let count = Scene.pieces(Scene.firstAnswer).count
    scene.state.focus(on: .chat)
    scene.press("w")
    #expect(cursor(scene) == 0)
    scene.press(.left)
    #expect(cursor(scene) == 0)
    scene.press(.right)
    scene.press("l")
    #expect(cursor(scene) == 2)
    scene.press(.end)
    #expect(cursor(scene) == count - 1)
    scene.press(.right)
    #expect(cursor(scene) == count - 1)
    scene.press(.home)
    #expect(cursor(scene) == 0)
    // Down leads to the token below, and up back to one of the row above.
    let first = try #require(scene.state.tokenPlace)
    scene.press(.down)
    let second = try #require(scene.state.tokenPlace)
    #expect(second.row == first.row + 1 && second.cells.lowerBound == first.cells.lowerBound)
    scene.press(.up)
    #expect(scene.state.tokenPlace?.row == first.row)
    for _ in 0..<40 { scene.press(.down) }
    #expect(cursor(scene) == count - 1)
    for _ in 0..<40 { scene.press(.up) }
    #expect(cursor(scene) == 0)
    scene.press("n")
    #expect(cursor(scene) == 6)
    scene.press("n")
    #expect(cursor(scene) == 13)
    scene.press("N")
    #expect(cursor(scene) == 6)
    scene.press(.escape)
    #expect(scene.state.tokenCursor == nil && scene.state.focus == .chat)
  }

  /// The token is in sight wherever it is, and the box never covers it.
  @Test(arguments: sizes) func isInSight(_ size: (Int, Int)) throws {
    var scene = try Scene.recorded(width: size.0, height: size.1)
    scene.enter("/token 0")
    let count = Scene.pieces(Scene.firstAnswer).count
    for token in 0..<count {
      #expect(cursor(scene) == token)
      let place = try #require(scene.state.tokenPlace)
      let room = try #require(scene.state.layout.panes[.chat]?.inset())
      let y = room.minY + place.row - scene.state.chat.firstVisibleRow
      let box = TokenOverlay.box(scene.state)
      #expect(room.contains(Point(x: room.minX, y: y)))
      #expect(!box.contains(Point(x: room.minX + 1 + place.cells.lowerBound, y: y)), "token \(token)")
      scene.press(.right)
    }
  }

  @Test func candidatesArePicked() throws {
    var scene = try Scene.recorded()
    scene.enter("/token 1")
    #expect(scene.state.tokenCursor?.candidate == 1)  // the drawn one has rank 2
    scene.press(.tab)
    #expect(scene.state.tokenCursor?.candidate == 2)
    scene.press("k")
    scene.press("k")
    scene.press("k")
    #expect(scene.state.tokenCursor?.candidate == 9)
    scene.press("4")
    #expect(scene.state.tokenCursor?.candidate == 3)
    scene.press("0")
    #expect(scene.state.tokenCursor?.candidate == 9)
    scene.press(.right)
    #expect(scene.state.tokenCursor?.candidate == 2)
  }

  /// The columns are those of a plain computation, and what was cut names its step.
  @Test func columns() throws {
    var scene = try Scene.recorded(width: 160)
    scene.enter("/token 1")
    let screen: [String] = render(scene.state).plainText.split(separator: "\n").map(String.init)
    func row(_ key: String) throws -> [String] {
      let found: String? = screen.first { (line: String) -> Bool in
        line.contains(key + "●") || line.contains(" " + key + "  “")
      }
      let line: String = try #require(found)
      return line.split { (character: Character) -> Bool in character == " " || character == "│" }
        .map(String.init)
    }
    let shares = [0.42, 0.21, 0.12, 0.08, 0.05, 0.03, 0.02, 0.015]
    let second = try row("2")
    let topK: Double = 0.21 / shares.reduce(0, +)
    let topP: Double = 0.21 / shares.prefix(6).reduce(0, +)
    let squares: [Double] = shares.prefix(6).map { $0 * $0 }
    let after: Double = 0.21 * 0.21 / squares.reduce(0, +)
    let expected = [0.21, topK, topP, after].map { TokenTable.percent($0) }
    #expect(Array(second.suffix(4)) == expected)
    #expect(try row("9").suffix(2) == ["cut", "top-k"])
    #expect(try row("7").suffix(2) == ["cut", "top-p"])
  }

  @Test(arguments: sizes) func snapshots(_ size: (Int, Int)) throws {
    var scene = try Scene.recorded(width: size.0, height: size.1)
    scene.enter("/shade probability")
    scene.enter("/token 6")
    scene.state.notice = nil
    try expectSnapshot(render(scene.state).framedText, "token-\(size.0)x\(size.1)")
    scene.press("f")
    for character in " my own" { scene.press(.character(character)) }
    try expectSnapshot(render(scene.state).framedText, "token-force-\(size.0)x\(size.1)")
  }

  /// A thought has tokens too, and unfolds for the cursor.
  @Test func thoughts() throws {
    var scene = try Scene.thinker(width: 100, height: 30)
    let thought = ["Let", " me", " weigh", "\n", "this"].map { ($0, AnswerPart.reasoning) }
    scene.answerWithDraws(thought + Scene.pieces("It is fine."))
    scene.enter("/token")
    #expect(cursor(scene) == 5)
    scene.press(.home)
    #expect(cursor(scene) == 0)
    #expect(scene.state.chat.isUnfolded(1) == true)
    let place = try #require(scene.state.tokenPlace)
    #expect(place.cells.lowerBound == 2)  // after the bar
    scene.press(.end)
    #expect(cursor(scene) == 7)
  }

  // MARK: Branches

  /// A candidate goes on where it was, the earlier answer stays, and the session has both.
  @Test func branches() throws {
    var scene = try Scene.recorded()
    let old = try #require(scene.state.session.conversation[2])
    scene.enter("/token 6")
    scene.press("1")
    let effects = scene.press(.enter)
    let request = try #require(effects.requests.first)
    #expect(request.forced == [100] && request.id == 3)
    let ids = Array(old.answer!.tokenIDs.prefix(6))
    #expect(request.beginning?.tokenIDs == ids && request.messages.map(\.role) == [.user])
    #expect(request.sampling.seed == old.answer?.sampling.seed)
    let branch = try #require(scene.state.session.conversation[3])
    let prefix = Scene.pieces(Scene.firstAnswer).prefix(6).map(\.0).joined()
    #expect(branch.content == prefix && branch.answer?.records.count == 6)
    #expect(branch.answer?.branch?.answer == 2 && branch.answer?.branch?.tokens == 6)
    #expect(scene.state.session.conversation[2] == old && branch.parent == old.parent)
    scene.answerWithDraws([(" own", .content), (" way.", .content)])
    let done = try #require(scene.state.session.conversation[3])
    #expect(done.content == prefix + " own way." && done.answer?.statistics?.answerTokens == 8)
    #expect(render(scene.state).plainText.contains("branch at token 6"))
    #expect(scene.state.forcedTokens.isEmpty)
    // The journal makes the same session of it.
    #expect(try scene.effects.replayed() == scene.state.session)
    scene.press(.left)
    #expect(scene.state.session.conversation.leaf == 2)
    #expect(render(scene.state).plainText.contains("Rayleigh"))
  }

  @Test func whatWasDrawnIsNoBranch() throws {
    var scene = try Scene.recorded()
    scene.enter("/token 6")
    #expect(scene.press(.enter).requests.isEmpty)
    #expect(scene.state.notice?.text.contains("that was drawn") == true)
    scene.enter("/token 6 1")
    #expect(scene.effects.requests.last?.forced == [100])
    // While an answer is under way there is no other.
    scene.answerWithDraws([("x", .content)], ends: false)
    scene.enter("/token 2 3")
    #expect(scene.effects.requests.count == 2)
    #expect(scene.state.notice?.text.contains("under way") == true)
    for line in ["/token 99", "/token x", "/token 2 99", "/token 2 force", "/token 2 under lean"] {
      scene.enter(line)
      #expect(scene.state.notice?.kind == .error, "\(line)")
    }
  }

  /// A text of one's own, without control tokens, token by token.
  @Test func forcesText() throws {
    var scene = try Scene.recorded()
    try TinyModel.llama().withFile {
      scene.state.model?.spelling = TokenSpelling(try Model(path: $0).tokenizer)
    }
    let spelling = try #require(scene.state.model?.spelling)
    scene.enter("/token 6")
    scene.press("f")
    for character in "<|im_end|>" { scene.press(.character(character)) }
    let effects = scene.press(.enter)
    let forced = try #require(effects.requests.first?.forced)
    #expect(forced.count == 10 && forced == spelling.tokens(of: "<|im_end|>"))
    #expect(forced.map(spelling.text).joined() == "<|im_end|>")
    scene.answerWithDraws([("y", .content)])
    scene.enter("/token 2 force \" a\\n\"")
    #expect(scene.effects.requests.last?.forced == spelling.tokens(of: " a\n"))
    scene.answerWithDraws([("y", .content)])
    // Esc leaves the line first.
    scene.enter("/token 2")
    scene.press("f")
    scene.press("z")
    scene.press(.escape)
    #expect(cursor(scene) == 2 && scene.state.tokenCursor?.field == nil)
  }

  // MARK: Another plan

  @Test func anotherPlanStandsBeside() throws {
    var scene = try Scene.recorded()
    scene.enter("/token 6")
    scene.press("p")
    #expect(scene.state.notice?.text.contains("no other plan") == true)
    scene.press(.escape)
    scene.enter("/drop attn 7")
    scene.usePlan()
    scene.enter("/token 6")
    scene.press("p")
    let job = try #require((scene.effects.analyses.last as? TokensUnderPlanRequest)?.job)
    let answer = try #require(scene.state.session.conversation[2]?.answer)
    #expect(job.plan == scene.state.plan && job.answer.tokenIDs == answer.tokenIDs && job.messages.count == 1)
    #expect(job.candidates.count == answer.tokenIDs.count && job.candidates[6].count == 10)
    #expect(render(scene.state).plainText.contains("attn −1: not computed yet"))
    let places = answer.tokenIDs.map { id in
      TokensUnderPlan.Place(
        draw: Scene.draw(rank: 2, id: id), candidates: (0..<10).map { Float(log(0.5 / Double($0 + 1))) })
    }
    scene.send(
      .engine(.analysis(.report(TokensUnderPlan.Report(id: 2, plan: scene.state.plan, places: places)))))
    scene.send(.engine(.analysis(.ended(.finished))))
    let screen = render(scene.state).plainText
    #expect(
      screen.contains("attn −1: rank 2 · says") && screen.contains(" 50.0 │") && screen.contains("other"))
    // The next press takes it away; nothing is computed twice.
    let count = scene.effects.analyses.count
    scene.press("p")
    #expect(scene.state.tokenCursor?.other == nil)
    scene.press("p")
    #expect(scene.state.tokenCursor?.other == scene.state.plan && scene.effects.analyses.count == count)
  }
}
