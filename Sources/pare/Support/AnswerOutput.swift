import Inference

/// An answer, to print.
// The names that scripts rely on.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct AnswerOutput: Encodable {
  var text: String
  var token_ids: [Int]
  var prompt_tokens: Int
  var prefill_tok_per_s: Double
  var decode_tok_per_s: Double
  var first_token_s: Double
  var stop: StopReason
  /// `{from, period}` where the answer ends in a repetition; absent elsewhere.
  var loop: Repetition?

  init(_ answer: [AnswerToken], _ statistics: AnswerStatistics) {
    text = answer.map(\.text).joined()
    token_ids = answer.map(\.id).filter { $0 >= 0 }  // −1 is what is left of a character
    prompt_tokens = statistics.promptTokens
    prefill_tok_per_s = statistics.prefillTokensPerSecond
    decode_tok_per_s = statistics.decodeTokensPerSecond
    first_token_s = statistics.firstTokenSeconds
    stop = statistics.stop
    loop = statistics.loop
  }
}
