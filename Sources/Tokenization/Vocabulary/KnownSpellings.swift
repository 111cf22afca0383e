/// Tokens that are known by their spelling, since files name few of them and call some of them text.
enum KnownSpellings {
  /// Marks known control tokens that the file calls something else as control tokens.
  /// - Returns: the tokens at which an answer ends
  static func apply(_ spellings: [[UInt8]], to kinds: inout [TokenKind]) -> Set<Token> {
    var ends: [String: Token] = [:]
    for (id, spelling) in spellings.enumerated() {
      // A look at the first byte spares hashing a quarter million spellings.
      guard let first = spelling.first, first == 0x3C || first == 0x5B || first == 0x5F else { continue }
      if fillInTheMiddle.contains(spelling) { kinds[id] = .control }
      // `</s>` is a tag of HTML in vocabularies that do not call it a control token.
      let isEnd =
        endOfGeneration.contains(spelling) || kinds[id] == .control && spelling.elementsEqual("</s>".utf8)
      guard isEnd else { continue }
      kinds[id] = .control
      ends[String(decoding: spelling, as: UTF8.self)] = Token(id)
    }
    // Where an answer ends in `<|return|>` or a call, `<|end|>` only ends one part of it.
    let hasCall = ends["<|call|>"] ?? ends["<|calls|>"] != nil
    if hasCall, ends["<|return|>"] ?? ends["<|flush|>"] != nil { ends["<|end|>"] = nil }
    return Set(ends.values)
  }

  private static let endOfGeneration = set(
    "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>", "<end_of_turn>",
    "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<eos>",
    "<turn|>",
    "<|tool_response>", "<end_of_utterance>", "<｜end▁of▁sentence｜>", "[e~[",
    // Tokens that a model of code writes when it goes on to the next file.
    "<|fim_pad|>", "<fim_pad>", "<fim-pad>", "<|fim_repo|>", "<fim-repo>", "<|repo_name|>", "<reponame>",
    "<|file_sep|>")

  private static let fillInTheMiddle = set(
    "<|fim_prefix|>", "<fim_prefix>", "<fim-prefix>", "<｜fim▁begin｜>", "<|code_prefix|>", "<|fim_suffix|>",
    "<fim_suffix>", "<fim-suffix>", "<｜fim▁hole｜>", "<|code_suffix|>", "<|fim_middle|>", "<fim_middle>",
    "<fim-middle>", "<｜fim▁end｜>", "<|code_middle|>")

  private static func set(_ spellings: String...) -> Set<[UInt8]> { Set(spellings.map { Array($0.utf8) }) }
}
