import Foundation
import Inference
import Tokenization

/// Prefill and decode speed, counted as llama-bench counts: random tokens, no sampling, a warm-up before.
public struct SpeedTest: Sendable, Hashable {
  /// Tokens read at once from an empty context.
  public var promptTokens = 512
  /// Tokens decoded one by one.
  public var decodedTokens = 128
  /// Measurements after the warm-up.
  public var repetitions = 3
  /// Tokens in the context before decoding starts.
  public var depth = 0

  /// The default test of llama-bench, with fewer repetitions.
  public init() {}

  /// Measured speeds.
  public struct Result: Sendable, Hashable {
    /// Tokens per second of each repetition.
    public var prefill: [Double] = []
    public var decode: [Double] = []
  }

  /// Measures in `context`, whose tokens are replaced.
  ///
  /// - Throws: ``ContextError`` when the tokens do not fit; `CancellationError`.
  public func run(
    in context: InferenceContext, progress: ProgressCheck = { _ in true }
  ) throws -> Result {
    let clock = ContinuousClock()
    let total = max(promptTokens, depth + decodedTokens)
    guard total <= context.capacity else {
      throw ContextError.full(needed: total, capacity: context.capacity)
    }
    var random = SystemRandomNumberGenerator()
    func tokens(_ count: Int) -> [Token] {
      (0..<count).map { _ in
        Token.random(in: 0..<Token(context.model.tokenizer.vocabularySize), using: &random)
      }
    }
    var result = Result()
    for repetition in -1..<repetitions {  // −1 is the warm-up
      let done = Double(repetition + 1)
      func goesOn(_ part: Double) -> Bool { progress((done + part) / Double(repetitions + 1)) }
      if promptTokens > 0 {
        let prompt = tokens(promptTokens)
        context.forget()
        let time = try clock.measure { try context.read(prompt) { goesOn(0.5 * $0) } }
        if repetition >= 0 { result.prefill.append(Double(promptTokens) / time.seconds) }
      }
      guard goesOn(0.5) else { throw CancellationError() }
      if decodedTokens > 0 {
        context.forget()
        if depth > 0 { try context.read(tokens(depth)) { goesOn(0.5 + 0.25 * $0) } }
        let answer = tokens(repetition < 0 ? 8 : decodedTokens)
        let time = try clock.measure { for token in answer { _ = try context.append(token) } }
        if repetition >= 0 { result.decode.append(Double(answer.count) / time.seconds) }
      }
      guard goesOn(1) else { throw CancellationError() }
    }
    return result
  }
}
