import CKernels
import Foundation
import Quantization
import Tokenization

/// Draws tokens from logits: repeat penalty → top-k → top-p → min-p → temperature → draw.
///
/// The chain and its defaults are llama.cpp's; with the same seed it draws the same tokens on every machine.
public struct Sampler {
  public var options: SamplingOptions
  private var random: SplitMix64
  private let kernels: Kernels
  private var candidates: [Candidate] = []

  private struct Candidate {
    var token: Token
    var logit: Float
  }

  public init(_ options: SamplingOptions, kernels: Kernels = .best) {
    self.options = options
    self.kernels = kernels
    random = SplitMix64(state: options.seed ?? UInt64.random(in: .min ... .max))
  }

  /// The next token after `recent`, and its log-probability in nats before any step of the chain.
  public mutating func next(
    _ logits: UnsafeBufferPointer<Float>, recent: ArraySlice<Token>
  ) -> (token: Token, logProbability: Float) {
    var likeliest: Int32 = 0
    let total = kernels.table.pointee.log_sum_exp(logits.baseAddress, Int32(logits.count), &likeliest)
    let token = options.temperature <= 0 && options.repeatPenalty == 1 ? likeliest : draw(logits, recent)
    return (token, logits[Int(token)] - total)
  }

  private mutating func draw(_ logits: UnsafeBufferPointer<Float>, _ recent: ArraySlice<Token>) -> Token {
    collect(logits, penalised: options.repeatPenalty == 1 ? [] : Set(recent.suffix(options.boundedWindow)))
    if options.temperature <= 0 { return candidates[0].token }
    let peak = candidates[0].logit
    if options.topP < 1 {
      let total = candidates.reduce(Float(0)) { $0 + exp($1.logit - peak) }
      var sum: Float = 0
      let kept = candidates.firstIndex { candidate in
        sum += exp(candidate.logit - peak)
        return sum >= options.topP * total
      }
      candidates.removeLast(candidates.count - 1 - (kept ?? candidates.count - 1))
    }
    if options.minP > 0 {
      let floor = peak + log(options.minP)
      candidates.removeAll { $0.logit < floor }
      if candidates.isEmpty {
        return Token(truncatingIfNeeded: logits.indices.max { logits[$0] < logits[$1] } ?? 0)
      }
    }
    let weights = candidates.map { exp(($0.logit - peak) / options.temperature) }
    var rest = random.unit() * weights.reduce(0, +)
    for (candidate, weight) in zip(candidates, weights) {
      rest -= weight
      if rest < 0 { return candidate.token }
    }
    return candidates[candidates.count - 1].token
  }

  /// Fills `candidates` with the top-k, likeliest first; among equals the lower token comes first.
  private mutating func collect(_ logits: UnsafeBufferPointer<Float>, penalised: Set<Token>) {
    candidates.removeAll(keepingCapacity: true)
    func penalty(_ token: Int) -> Float {
      let logit = logits[token]
      guard !penalised.isEmpty, penalised.contains(Token(token)) else { return logit }
      return logit > 0 ? logit / options.repeatPenalty : logit * options.repeatPenalty
    }
    func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
      a.logit != b.logit ? a.logit > b.logit : a.token < b.token
    }
    let k = options.topK > 0 ? min(options.topK, logits.count) : logits.count
    // Keeps twice k at most, so that one sort serves k insertions.
    var threshold = -Float.infinity
    for token in logits.indices {
      let logit = penalty(token)
      guard logit > threshold || candidates.count < k else { continue }
      candidates.append(Candidate(token: Token(token), logit: logit))
      if candidates.count == 2 * k {
        candidates.sort(by: precedes)
        candidates.removeLast(k)
        threshold = candidates[k - 1].logit
      }
    }
    candidates.sort(by: precedes)
    if candidates.count > k { candidates.removeLast(candidates.count - k) }
  }
}

/// Sebastiano Vigna's splitmix64: small, and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1, on a grid of 2⁻²⁴.
  mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}
