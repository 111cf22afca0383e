import Analysis
import Inference

extension Command {
  static let analysisCommands: [Command] = [
    Command(
      "measure", "[heads] [TOKENS|FILE|chat|thoughts]",
      "damage of dropping each sublayer, or each head, alone, over the built-in text or another",
      candidates: { _, words in
        words.isEmpty || words == ["heads"]
          ? (words.isEmpty ? [Candidate("heads", "each head instead of each sublayer")] : []) + [
            Candidate("256", "tokens of the built-in text"), Candidate("chat", "the conversation so far"),
            Candidate("thoughts", "built-in questions with thoughts and answers"),
          ]
          : []
      }
    ) { state, arguments throws(CommandError) in
      let isOfHeads = arguments.words.first == "heads"
      let units: DamageMeasurement.Units = isOfHeads ? .heads : .sublayersAndBlocks
      let text = arguments.text.dropFirst(isOfHeads ? "heads".count : 0).drop(while: \.isWhitespace)
      switch String(text) {
      case "": return state.measureDamage(of: units)
      case "thoughts": return state.measureDamage(of: units, over: .thoughts)
      case "chat": return state.measureDamageOverConversation(of: units)
      case let text:
        guard let tokens = Int(text) else { return state.measureDamage(of: units, over: .file(text)) }
        let allowed = DamageMeasurement.allowedTokens
        guard allowed.contains(tokens) else {
          throw CommandError("\(tokens) tokens: use \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return state.measureDamage(of: units, tokens: tokens)
      }
    },
    Command(
      "salience", "[WORD|NUMBER]",
      "what leaving out each earlier word does to a token of the answer: /salience, /salience Paris, /salience 12",
      onScreenOnly: true
    ) { state, arguments throws(CommandError) in
      guard arguments.words.count <= 1 else {
        throw CommandError("name one word of the answer, or a token's number: /salience Paris")
      }
      let choice: SalienceRequest.Choice? = arguments.words.first.map { word in
        Int(word).map { .number($0) } ?? .word(word)
      }
      return state.measureSalience(of: choice ?? .last)
    },
    Command(
      "search", "[TARGET] [attn,mlp,bits] [TOKENS]",
      "plans that reach a target: /search drop=8 attn, kl<0.1, bytes<0.8",
      candidates: { _, words in
        switch words.count {
        case 0:
          [
            Candidate("drop=8", "least damage with so many sublayers dropped"),
            Candidate("kl<0.1", "fewest bytes at this damage, in nats"),
            Candidate("bytes<0.8", "least damage at this share of the bytes a token"),
          ]
        case 1:
          [
            Candidate("attn", "drops of attention only"), Candidate("attn,mlp", "drops"),
            Candidate("bits", "widths only"), Candidate("attn,mlp,bits"),
          ]
        default: []
        }
      }
    ) { state, arguments throws(CommandError) in
      guard let first = arguments.words.first else {
        guard state.analysis.search != nil else {
          throw CommandError("for what? write /search drop=8, kl<0.1 or bytes<0.8")
        }
        if !state.isInLines { state.overlay = .frontier }
        return []
      }
      var words = Array(arguments.words.dropFirst())
      let tokens = words.last.flatMap(Int.init)
      if tokens != nil { words.removeLast() }
      let allowed = PlanSearch.allowedTokens
      guard tokens.map(allowed.contains) ?? true else {
        throw CommandError("\(tokens!) tokens: use \(allowed.lowerBound) to \(allowed.upperBound)")
      }
      do {
        return state.search(
          try SearchTarget(first),
          over: words.isEmpty ? nil : try SearchDimension.parse(words.joined(separator: ",")),
          tokens: tokens ?? PlanSearch.defaultTokens)
      } catch {
        throw CommandError("\(error)")
      }
    },
  ]
}
