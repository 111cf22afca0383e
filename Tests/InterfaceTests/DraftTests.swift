import Engine
import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// Earlier answers that a request brings along, and the figures of what became of them.
@Suite struct DraftTests {
  /// The ids that ``Scene`` gives the words of a text.
  private func ids(_ text: String) -> [Int] {
    text.split(separator: " ").enumerated().map { index, word in
      Int(((index == 0 ? "" : " ") + word).utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) } % 49152)
    }
  }

  @Test func aRerunBringsTheEarlierAnswer() throws {
    var scene = try Scene()
    scene.load()
    #expect(scene.enter("Hi").requests.first?.drafts == [])
    scene.answer("One two three")
    scene.enter("/drop attn 5")
    scene.usePlan()
    #expect(scene.enter("/rerun").requests.first?.drafts == [ids("One two three")])
    scene.answer("One two four")
    // Under the first plan again, what was said under it comes first.
    scene.enter("/undo")
    scene.usePlan()
    let request = try #require(scene.enter("/rerun").requests.first)
    #expect(request.drafts == [ids("One two three"), ids("One two four")])
    // One that was stopped says less.
    scene.answer("One", stop: .interrupted)
    #expect(
      scene.enter("/rerun").requests.first?.drafts == [
        ids("One two three"), ids("One two four"), ids("One"),
      ])
  }

  @Test func anEditedPromptBringsTheAnswersToTheFirst() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Hi")
    scene.answer("One two three")
    scene.enter("/edit")
    let request = try #require(scene.enter("Hi there").requests.first)
    #expect(request.messages.map(\.content) == ["Hi there"] && request.drafts == [ids("One two three")])
    scene.answer("Five")
    // The next message is another one.
    #expect(scene.enter("And now?").requests.first?.drafts == [])
  }

  @Test func whatGoesOnIsDraftedFromItsPlaceOn() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Hi")
    scene.answer("One two three four")
    scene.enter("/rerun")
    scene.answer("One two", stop: .interrupted)
    #expect(scene.enter("/continue").requests.first?.drafts == [Array(ids("One two three four")[2...])])
  }

  /// Speeds are of what was decoded; the rest is counted beside them.
  @Test func draftedTokensAreCounted() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Hi")
    scene.answer("One two three four")
    scene.enter("/rerun")
    let id = try #require(scene.state.answering)
    scene.stream("One two three four")
    var statistics = AnswerStatistics(
      promptTokens: 3, reusedTokens: 3, answerTokens: 4, prefillTokensPerSecond: 100,
      decodeTokensPerSecond: 0, firstTokenSeconds: 0.1, stop: .endOfTurn)
    statistics.draft = DraftStatistics(accepted: 3, proposed: 3, batches: 1, seconds: 0.1)
    scene.send(.engine(.answerFinished(id: id, statistics)))
    let node = try #require(scene.state.session.conversation[id])
    let caption = scene.state.caption(of: node).plainText
    #expect(caption.contains("3 drafted") && !caption.contains("tok/s"))
    #expect(scene.state.rates.shown == nil)
    scene.enter("/compare off")
    #expect(scene.screen.contains("– tok/s · 3/4 drafted"))
  }
}
