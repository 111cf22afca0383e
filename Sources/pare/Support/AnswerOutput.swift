import Inference

/// An answer, to print.
// The names that scripts rely on.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct AnswerOutput: Encodable {
  var text: String
  /// What the model thought before; absent where it did not.
  var reasoning: String?
  var token_ids: [Int]
  /// Of the content, and of the thought with its markers.
  var answer_tokens: Int
  var reasoning_tokens: Int
  /// How each token was drawn; absent unless it is asked for.
  var logprobs: [DrawOutput]?
  var prompt_tokens: Int
  var prefill_tok_per_s: Double
  var decode_tok_per_s: Double
  var first_token_s: Double
  /// From the end of the prompt to that of the answer.
  var answer_s: Double
  var stop: StopReason
  /// `{from, period}` where the answer ends in a repetition; absent elsewhere.
  var loop: Repetition?
  /// Absent where the model did not think.
  var thought: Thought?
  /// What guesses did; absent where none were made. Speeds of decoding are of the other tokens.
  var draft: Draft?

  /// Guesses that were read, in how many batches, those of them that came true, and the time of all that.
  struct Draft: Encodable {
    var accepted: Int
    var proposed: Int
    var batches: Int
    var s: Double
  }

  /// The figures of a thought; those of the whole answer include them.
  struct Thought: Encodable {
    var tokens: Int
    var s: Double
    var tok_per_s: Double
    /// null where no content came.
    var first_content_s: Double?
    var content_tok_per_s: Double

    init?(_ statistics: AnswerStatistics) {
      guard let thought = statistics.thought else { return nil }
      tokens = thought.tokens
      s = thought.seconds
      tok_per_s = thought.tokensPerSecond
      first_content_s = thought.firstContentSeconds
      content_tok_per_s = statistics.contentTokensPerSecond
    }
  }

  init(_ answer: [AnswerToken], _ statistics: AnswerStatistics) {
    text = answer.text(of: .content)
    let thought = answer.text(of: .reasoning)
    reasoning = statistics.thought == nil ? nil : thought
    self.thought = Thought(statistics)
    token_ids = answer.map(\.id).filter { $0 >= 0 }  // −1 is what is left of a character
    answer_tokens = statistics.contentTokens
    reasoning_tokens = statistics.thought?.tokens ?? 0
    prompt_tokens = statistics.promptTokens
    prefill_tok_per_s = statistics.prefillTokensPerSecond
    decode_tok_per_s = statistics.decodeTokensPerSecond
    first_token_s = statistics.firstTokenSeconds
    answer_s = statistics.answerSeconds
    draft = statistics.draft.map {
      Draft(accepted: $0.accepted, proposed: $0.proposed, batches: $0.batches, s: $0.seconds)
    }
    stop = statistics.stop
    loop = statistics.loop
  }
}
