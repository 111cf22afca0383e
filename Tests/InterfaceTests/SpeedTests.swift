import Engine
import Inference
import Terminal
import Testing

@testable import Interface

/// A token must cost the same whether the answer is short or long.
@Suite(.serialized) struct SpeedTests {
  @Test func longAnswersStreamAsFastAsShortOnes() throws {
    func cost(lines: Int) throws -> Duration {
      var scene = try Scene()
      scene.load()
      scene.enter("Go on")
      let id = try #require(scene.state.answering)
      let line =
        "Another line of an answer that is long enough to be wrapped at the width of the pane, as most are.\n"
      let text = String(repeating: line, count: lines)
      scene.send(.engine(.answerText(id: id, tokens: [AnswerToken(id: 1, text: text, logProbability: 0)])))
      return (0..<5).map { _ in
        ContinuousClock().measure {
          for _ in 0..<40 {
            scene.send(
              .engine(.answerText(id: id, tokens: [AnswerToken(id: 1, text: " word", logProbability: 0)])))
          }
          _ = render(scene.state)
        }
      }.min() ?? .zero
    }
    let short = try cost(lines: 10)
    let long = try cost(lines: 10_000)
    #expect(long < short * 8, "\(long) against \(short)")
  }

  /// Text that streams in leaves the panes of measurements alone, also where figures are not numbers.
  @Test func textDrawsNoMeasurementsAgain() throws {
    var scene = try Scene.conversation()
    scene.enter("/drop attn 7")
    scene.measure(dropped: [7])
    scene.state.redundancy = Redundancy()
    scene.measure(dropped: [7])
    scene.enter("Go on")
    let before = scene.state, size = try #require(before.layout.panes[.chat]).inset().size
    #expect(before.redundancy.attention[7].isNaN)
    scene.stream("some words more")
    #expect(LayersPane().content(before, size: size) == LayersPane().content(scene.state, size: size))
    #expect(HeatmapPane().content(before, size: size) == HeatmapPane().content(scene.state, size: size))
    #expect(ChatPane().content(before, size: size) != ChatPane().content(scene.state, size: size))
    scene.measure(dropped: [7])
    #expect(LayersPane().content(before, size: size) != LayersPane().content(scene.state, size: size))
    #expect(HeatmapPane().content(before, size: size) != HeatmapPane().content(scene.state, size: size))
  }

  @Test func longContextsAreDrawnAsFastAsTheirWindow() throws {
    func cost(tokens: Int) throws -> Duration {
      var scene = try Scene.conversation()
      scene.measure(tokens: (0..<tokens).map { " t\($0)" })
      return (0..<5).map { _ in ContinuousClock().measure { _ = render(scene.state) } }.min() ?? .zero
    }
    let short = try cost(tokens: 60)
    let long = try cost(tokens: 8192)
    #expect(long < short * 4, "\(long) against \(short)")
  }
}
