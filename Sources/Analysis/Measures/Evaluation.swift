import Foundation
import Inference
import Tokenization

/// Perplexity of a plan over a text, and its divergence from the baseline.
///
/// Counted as llama-perplexity counts: the text is cut into chunks of `contextLength` tokens, the first of
/// each replaced by the token that begins a text where the model wants one; the second half of each chunk is
/// scored, so that every scored token has at least half a chunk before it.
public struct Evaluation: Sendable, Hashable {
  /// Tokens scored.
  public var tokens = 0
  /// Under the plan.
  public var perplexity = 0.0
  public var baselinePerplexity = 0.0
  /// KL(baseline ‖ plan) of each scored position, in nats, ascending; NaN last.
  public var kl: [Double] = []
  /// Mean Jensen–Shannon divergence in nats.
  public var meanJS = 0.0
  /// Share of positions where both have the same likeliest token.
  public var sameTop = 0.0

  /// Mean KL(baseline ‖ plan) in nats a token.
  public var meanKL: Double { kl.isEmpty ? 0 : kl.reduce(0, +) / Double(kl.count) }

  /// The quantile of the KL: a `share` of the positions, 0…1, does not exceed it. In nats.
  public func klQuantile(_ share: Double) -> Double {
    kl.isEmpty ? 0 : kl[min(kl.count - 1, Int(Double(kl.count) * share))]
  }

  /// A text that cannot be evaluated.
  public enum Failure: Error, CustomStringConvertible {
    case tooShort(tokens: Int, contextLength: Int)
    case memory(contextLength: Int, bytes: Int)
    public var description: String {
      switch self {
      case .tooShort(let tokens, let length):
        "the text has \(tokens) tokens and a chunk takes \(length): use a longer text or a smaller --ctx"
      case .memory(let length, let bytes):
        "the logits of a chunk of \(length) tokens take \(bytes.inUnits): use a smaller --ctx"
      }
    }
  }

  /// Evaluates the tokens of a text.
  ///
  /// - Parameters:
  ///   - baseline: A context of the same model under the baseline; it may be the same one.
  ///   - contextLength: Tokens of a chunk.
  /// - Throws: ``Failure``; ``ContextError`` when a chunk does not fit a context; `CancellationError`.
  public init(
    of ids: [Token], under context: InferenceContext, against baseline: InferenceContext, contextLength: Int,
    progress: ProgressCheck = { _ in true }
  ) throws {
    let chunks = ids.count / contextLength
    guard chunks > 0 else { throw Failure.tooShort(tokens: ids.count, contextLength: contextLength) }
    let tokenizer = context.model.tokenizer
    let vocabulary = context.model.shape.vocabulary
    let scored = contextLength / 2..<contextLength - 1
    let bytes = scored.count * vocabulary * MemoryLayout<Float>.stride
    guard bytes < MemoryLimit.machine.bytes / 3 else {
      throw Failure.memory(contextLength: contextLength, bytes: bytes)
    }
    let kept = UnsafeMutableBufferPointer<Float>.allocate(capacity: scored.count * vocabulary)
    defer { kept.deallocate() }
    var sumLog = 0.0, baselineSumLog = 0.0, sumJS = 0.0, sameTop = 0.0
    for chunk in 0..<chunks {
      func goesOn(_ part: Double) -> Bool { progress((Double(chunk) + part) / Double(chunks)) }
      var text = Array(ids[chunk * contextLength..<(chunk + 1) * contextLength])
      if tokenizer.addsBOS, let bos = tokenizer.bos { text[0] = bos }
      func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        let start = (index - scored.lowerBound) * vocabulary
        return UnsafeMutableBufferPointer(rebasing: kept[start..<start + vocabulary])
      }
      let isBaseline = context === baseline
      if !isBaseline {
        try baseline.readAll(text, progress: { goesOn(0.5 * $0) }) { index, logits in
          if scored.contains(index) { _ = row(index).update(from: logits) }
        }
      }
      try context.readAll(text, progress: { goesOn(isBaseline ? $0 : 0.5 + 0.5 * $0) }) { index, logits in
        guard scored.contains(index) else { return }
        let after = LogDistribution(logits, kernels: context.kernels)
        let before =
          isBaseline ? after : LogDistribution(UnsafeBufferPointer(row(index)), kernels: baseline.kernels)
        let divergence = Divergence(baseline: before, plan: after)
        kl.append(divergence.kl)
        sumJS += divergence.js
        sameTop += divergence.sameTopShare
        sumLog += Double(after[text[index + 1]])
        baselineSumLog += Double(before[text[index + 1]])
      }
    }
    tokens = kl.count
    perplexity = exp(-sumLog / Double(tokens))
    baselinePerplexity = exp(-baselineSumLog / Double(tokens))
    meanJS = sumJS / Double(tokens)
    self.sameTop = sameTop / Double(tokens)
    kl.sort { $1.isNaN ? !$0.isNaN : $0 < $1 }
  }
}
