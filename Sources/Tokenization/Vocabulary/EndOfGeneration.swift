/// The tokens at which an answer ends. Files name one or two of them at most, so the others are known by
/// their spelling.
enum EndOfGeneration {
  private static let spellings = Set(
    [
      "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>",
      "<end_of_turn>",
      "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<eos>",
      "<turn|>",
      "<|tool_response>", "<end_of_utterance>", "<｜end▁of▁sentence｜>", "[e~[",
      // What a model of code writes when it goes on to the next file.
      "<|fim_pad|>", "<fim_pad>", "<fim-pad>", "<|repo_name|>", "<|fim_repo|>", "<fim-repo>", "<reponame>",
      "<|file_sep|>",
    ].map { Array($0.utf8) })

  /// Finds them, and makes control tokens of those that the file calls something else.
  static func tokens(spelled spellings: [[UInt8]], kinds: inout [TokenKind]) -> Set<Token> {
    var found: [String: Token] = [:]
    for (id, spelling) in spellings.enumerated() {
      // A look at the first byte spares hashing a quarter million spellings.
      guard let first = spelling.first, first == 0x3C || first == 0x5B || first == 0x5F else { continue }
      // `</s>` is a tag of HTML in vocabularies that do not call it a control token.
      let isEnd =
        Self.spellings.contains(spelling)
        || kinds[id] == .control && spelling.elementsEqual("</s>".utf8)
      guard isEnd else { continue }
      kinds[id] = .control
      found[String(decoding: spelling, as: UTF8.self)] = Token(id)
    }
    // Where an answer ends in `<|return|>` or a call, `<|end|>` only ends one part of it.
    let hasCall = found["<|call|>"] ?? found["<|calls|>"] != nil
    if hasCall, found["<|return|>"] ?? found["<|flush|>"] != nil { found["<|end|>"] = nil }
    return Set(found.values)
  }
}
