import Engine
import Foundation
import Inference
import Sessions
import Terminal

@testable import Interface

extension Scene {
  /// A draw like that of a model: the token of a rank among ten, and a chain that cuts the last four of them.
  static func draw(rank: Int, id: Int, temperature: Float = 0.5) -> TokenDraw {
    let shares = [0.42, 0.21, 0.12, 0.08, 0.05, 0.03, 0.02, 0.015, 0.01, 0.005]
    var draw = TokenDraw()
    draw.rank = rank
    draw.entropy = 1.5 + Float(rank) / 4
    for (place, share) in shares.enumerated() {
      let token = place == rank - 1 ? id : 100 + place
      var candidate = TokenDraw.Candidate(token: Int32(token), logProbability: Float(log(share)))
      if place > 5 { candidate.cut = place > 7 ? 0 : 1 }
      draw.candidates.append(candidate)
    }
    func mass(_ count: Int, _ temperature: Double) -> Float {
      let weights: [Double] = shares.prefix(count).map { pow($0, 1 / temperature) }
      return Float(log(weights.reduce(0, +)))
    }
    draw.steps.append(TokenDraw.Step(kind: .topK, left: 8, logMass: mass(8, 1)))
    draw.steps.append(TokenDraw.Step(kind: .topP, left: 6, logMass: mass(6, 1)))
    draw.steps.append(TokenDraw.Step(kind: .temperature, left: 6, logMass: mass(6, Double(temperature))))
    draw.logProbability = rank <= 10 ? Float(log(shares[rank - 1])) : -7
    draw.probability = Float(draw.probabilityAfter(of: min(rank, 10) - 1, temperature: temperature))
    return draw
  }

  /// The options of an answer that ``draw(rank:id:temperature:)`` fits.
  static let tokenSampling = {
    var options = SamplingOptions()
    options.temperature = 0.5
    return options
  }()

  /// Streams an answer as the engine does, with a record of each token; every seventh is a surprise.
  mutating func answerWithDraws(_ pieces: [(String, AnswerPart)], ends: Bool = true) {
    guard let id = state.answering else { return }
    send(.engine(.answerStarted(id: id, promptTokens: 38, reusedTokens: 0)))
    for (index, (text, part)) in pieces.enumerated() {
      let token = 1000 + index
      let draw = Scene.draw(rank: index % 7 == 6 ? 6 : index % 3 + 1, id: token)
      send(
        .engine(
          .answerText(
            id: id,
            tokens: [
              AnswerToken(
                id: token, text: text, logProbability: draw.logProbability, part: part,
                draw: PackedDraw(draw))
            ])))
    }
    guard ends else { return }
    end(tokens: pieces.count, thought: nil)
  }

  /// The pieces of a text: words with the space before them, and each line break.
  static func pieces(_ text: String) -> [(String, AnswerPart)] {
    var pieces: [String] = []
    for character in text {
      let isBreak = character == " " || character == "\n" || pieces.isEmpty
      if isBreak || pieces.last?.hasSuffix("\n") == true {
        pieces.append(String(character))
      } else {
        pieces[pieces.count - 1].append(character)
      }
    }
    return pieces.map { ($0, .content) }
  }

  /// A question whose answer has records.
  static func recorded(
    width: Int = 120, height: Int = 40, theme: String = "dark", colors: ColorDepth = .palette256
  ) throws -> Scene {
    var scene = try Scene(width: width, height: height, theme: theme, colors: colors)
    scene.load(sampling: tokenSampling)
    scene.enter("Why is the sky blue?")
    scene.answerWithDraws(pieces(Scene.firstAnswer))
    scene.measure()
    scene.state.notice = nil
    return scene
  }
}

extension [Effect] {
  /// The session that the journal makes of its events.
  ///
  /// - Parameter change: Makes another event of each, as another program would have written it.
  func replayed(_ change: (SessionEvent) -> SessionEvent = { $0 }) throws -> Session {
    var session = Session()
    for case .journal(let event, let date) in self { try session.apply(change(event), at: date) }
    return session
  }
}
