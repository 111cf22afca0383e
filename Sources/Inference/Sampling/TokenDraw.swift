import Foundation
import Tokenization

/// How a token was drawn: what the model gave it, and what the steps of the sampler left of its rivals.
///
/// Probabilities before the sampler are the softmax of the logits at temperature 1; those after it are what was
/// drawn from. Entropy and log-probabilities are in nats.
public struct TokenDraw: Sendable, Hashable {
  /// Of the drawn token, before the sampler.
  public var logProbability: Float = 0
  /// Its place among all tokens before the sampler, from 1 for the likeliest.
  public var rank = 1
  /// Of the distribution before the sampler.
  public var entropy: Float = 0
  /// Of the drawn token, after the sampler.
  public var probability: Float = 1
  /// Whether nothing was drawn: the token closes a thought whose budget is spent, or the user chose it.
  public var isForced = false
  /// The likeliest tokens before the sampler, likeliest first.
  public var candidates: [Candidate] = []
  /// The steps of the sampler that did something, in their order.
  public var steps: [Step] = []

  /// As many candidates are kept, unless others are asked for.
  public static let standardCount = 10

  public init() {}

  /// A token that might have been drawn.
  public struct Candidate: Sendable, Hashable {
    public var token: Token
    /// Before the sampler.
    public var logProbability: Float
    /// The index in ``TokenDraw/steps`` of the step that left it out; nil where none did.
    public var cut: Int?
    public init(token: Token, logProbability: Float, cut: Int? = nil) {
      self.token = token
      self.logProbability = logProbability
      self.cut = cut
    }
  }

  /// A step of the sampler.
  public struct Step: Sendable, Hashable {
    public var kind: Kind
    /// The tokens that it left.
    public var left: Int
    /// ln Σ exp(a) over the tokens that it left, where a is the log-probability before the sampler with the changes
    /// of this and earlier steps; after the temperature T, of a / T.
    public var logMass: Float
    /// What it added to the logit of each candidate; empty where it only leaves tokens out.
    public var changes: [Float] = []
    public init(kind: Kind, left: Int, logMass: Float, changes: [Float] = []) {
      self.kind = kind
      self.left = left
      self.logMass = logMass
      self.changes = changes
    }
  }

  /// The steps, in the order of the chain.
  public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// Biases, and the tokens that are never drawn.
    case bias
    case penalties
    case dry
    case topNSigma
    case topK
    case typicalP
    case topP
    case minP
    case xtc
    /// Its cut is one by rank, the same before and after the temperature.
    case mirostat
    case temperature

    /// As the sampling options call it.
    public var name: String {
      switch self {
      case .bias: "bias"
      case .penalties: "penalties"
      case .dry: "dry"
      case .topNSigma: "top_n_sigma"
      case .topK: "top_k"
      case .typicalP: "typical_p"
      case .topP: "top_p"
      case .minP: "min_p"
      case .xtc: "xtc"
      case .mirostat: "mirostat"
      case .temperature: "temperature"
      }
    }
  }

  /// The probability of a candidate after a step; nil where that or an earlier one left it out.
  ///
  /// - Parameters:
  ///   - step: An index in ``steps``.
  ///   - temperature: That of the answer's sampling options; at 0, all is on the token that was drawn.
  public func probability(of candidate: Int, after step: Int, temperature: Float) -> Double? {
    let own = candidates[candidate]
    if let cut = own.cut, cut <= step { return nil }
    var logit = Double(own.logProbability)
    for earlier in steps[...step] where !earlier.changes.isEmpty {
      logit += Double(earlier.changes[candidate])
    }
    if steps[...step].contains(where: { $0.kind == .temperature }) {
      guard temperature > 0 else { return candidate == rank - 1 ? 1 : 0 }
      logit /= Double(temperature)
    }
    return min(1, exp(logit - Double(steps[step].logMass)))
  }

  /// The probability of a candidate after all steps; 0 where one left it out.
  public func probabilityAfter(of candidate: Int, temperature: Float) -> Double {
    guard !isForced else { return candidate == rank - 1 ? 1 : 0 }
    guard let last = steps.indices.last else { return exp(Double(candidates[candidate].logProbability)) }
    return probability(of: candidate, after: last, temperature: temperature) ?? 0
  }
}
