import Engine
import Inference
import TestModels

@testable import Interface

extension Scene {
  /// How a tiny model thinks.
  static func thinking(_ change: (inout Thinker) -> Void = { _ in }) throws -> ThinkingFormat? {
    var thinker = Thinker()
    change(&thinker)
    return try TinyModel.thinking(thinker).withFile { try Model(path: $0).chatFormat.thinking }
  }

  /// A scene whose model thinks, with a question that waits for its answer.
  static func thinker(width: Int = 80, height: Int = 24, asks: String? = "Is it so?") throws -> Scene {
    var scene = try Scene(width: width, height: height)
    scene.load(thinking: try Scene.thinking())
    if let asks { scene.enter(asks) }
    return scene
  }

  /// Streams a thought, word by word, a tenth of a second for each.
  mutating func think(_ text: String) {
    guard let id = state.answering else { return }
    send(.engine(.answerStarted(id: id, promptTokens: 38, reusedTokens: 0)))
    for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let token = AnswerToken(
        id: 1000 + index, text: (index == 0 ? "" : " ") + word, logProbability: 0, part: .reasoning)
      send(.engine(.answerText(id: id, tokens: [token])))
      send(.tick(state.time + 0.1))
    }
  }

  /// Ends an answer that was thought about.
  mutating func end(_ stop: StopReason = .endOfTurn, tokens: Int, thought: ThoughtStatistics?) {
    guard let id = state.answering else { return }
    send(
      .engine(
        .answerFinished(
          id: id,
          AnswerStatistics(
            promptTokens: 38, reusedTokens: 0, answerTokens: tokens, prefillTokensPerSecond: 1840,
            decodeTokensPerSecond: 20, firstTokenSeconds: 0.031, stop: stop, thought: thought))))
  }

  /// A question, a thought of 40 tokens in 4 s, and an answer of 10 tokens in a second.
  mutating func thinkAndAnswer(
    _ thought: String = "Let me **weigh** this", _ answer: String = "It is fine.",
    figures: ThoughtStatistics = ThoughtStatistics(tokens: 40, seconds: 4, firstContentSeconds: 4.2)
  ) {
    think(thought)
    stream(answer)
    end(tokens: figures.tokens + 10, thought: figures)
  }

  /// The text of the screen.
  var screen: String { render(state).plainText }
}
