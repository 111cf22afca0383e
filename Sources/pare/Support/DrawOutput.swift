import Inference
import Tokenization

/// How a token was drawn, to print. Log-probabilities and entropy are in nats and those of the model, before the
/// sampler.
// The names that scripts rely on.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct DrawOutput: Encodable {
  var token: Int
  var text: String
  var logprob: Float
  var rank: Int
  var entropy: Float
  /// The probability that it was drawn with, after the sampler.
  var sampled: Float
  /// Whether it was put there instead of being drawn.
  var forced: Bool
  /// The steps of the sampler that did something, in order, and the tokens that each left.
  var steps: [Step]
  /// Pairs of an id and its log-probability, the likeliest first.
  var top: [[Number]]
  var top_text: [String]
  /// The probability of each after the sampler.
  var top_sampled: [Double]
  /// The step that left each out; null where none did.
  var top_cut: [String?]

  struct Step: Encodable {
    var step: String
    var left: Int
  }

  /// A number of a pair.
  enum Number: Encodable {
    case id(Token)
    case logprob(Float)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .id(let id): try container.encode(id)
      case .logprob(let value): try container.encode(value)
      }
    }
  }

  /// nil for a token that has no draw, such as the rest of a character.
  init?(_ answered: AnswerToken, temperature: Float, _ tokenizer: Tokenizer) {
    guard answered.id >= 0, let draw = answered.draw?.draw else { return nil }
    token = answered.id
    func text(_ id: Token) -> String { String(decoding: tokenizer.piece(id, special: true), as: UTF8.self) }
    self.text = text(Token(answered.id))
    (logprob, rank, entropy) = (draw.logProbability, draw.rank, draw.entropy)
    (sampled, forced) = (draw.probability, draw.isForced)
    steps = draw.steps.map { Step(step: $0.kind.name, left: $0.left) }
    top = draw.candidates.map { [.id($0.token), .logprob($0.logProbability)] }
    top_text = draw.candidates.map { text($0.token) }
    top_sampled = draw.candidates.indices.map { draw.probabilityAfter(of: $0, temperature: temperature) }
    top_cut = draw.candidates.map { $0.cut.map { draw.steps[$0].kind.name } }
  }
}
