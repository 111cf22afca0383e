import Templates
import Tokenization

extension ThinkingFormat {
  /// The format of a model; nil for one that does not think, as far as template and vocabulary tell.
  ///
  /// The family is the first whose markers the template mentions; else the first whose markers are tokens of the
  /// vocabulary.
  init?(template: ChatTemplate, tokenizer: Tokenizer) {
    let source = template.source
    func isMentioned(_ family: ThinkingFamily) -> Bool {
      let evidence = family.evidence.isEmpty ? [family.opens[0], family.closes[0]] : family.evidence
      return evidence.allSatisfy { source.contains($0) }
    }
    func isInVocabulary(_ family: ThinkingFamily) -> Bool {
      family.channels == nil
        && [family.opens[0], family.closes[0]].allSatisfy {
          if case .token = Self.units($0, tokenizer).first {
            Self.units($0, tokenizer).count == 1
          } else {
            false
          }
        }
    }
    guard
      let family = ThinkingFamily.all.first(where: isMentioned)
        ?? ThinkingFamily.all.first(where: isInVocabulary)
    else { return nil }

    func markers(_ role: Marker.Role, _ texts: [String]) -> [Marker] {
      texts.map { Marker(role: role, units: Self.units($0, tokenizer)) }
    }
    let opens = markers(.opens, family.opens), begins = markers(.begins, family.begins)
    let closes = markers(.closes, family.closes)
    let hasChannels = family.channels != nil
    let headers = family.channels.map { markers(.header, $0.begins) } ?? []
    // The header tells what a message is.
    self.markers =
      (hasChannels ? headers + begins.suffix(1) : opens + begins) + closes + markers(.ends, family.ends)
    openings = opens + closes.map { Marker(role: .begins, units: $0.units) } + begins
    headerEnd = family.channels.flatMap { Self.units($0.end, tokenizer).first }
    thoughtChannels = family.channels?.thoughts ?? []
    let probe = TemplateProbe(template, tokenizer: tokenizer)
    control = probe.control()
    let thinking = control.variables(for: .on)
    key = probe.thoughtKey(thinking)
    let written = key.flatMap { probe.textAfterThought($0, thinking) } ?? ""
    let isWhole = family.closes.contains { written.contains($0) }
    closing = tokenizer.encode([TextRun(isWhole ? written : family.closing, isMarkup: true)])
    openingText = family.opens[0]
    closingText = isWhole ? written : family.closing
    tokens = Array(
      Set(
        (self.markers + openings).flatMap(\.units).compactMap {
          if case .token(let id) = $0 { id } else { nil }
        }))
  }

  /// A marker's text as the model draws it: the tokens that templates write for it, as tokens where they are no
  /// ordinary text.
  static func units(_ text: String, _ tokenizer: Tokenizer) -> [Unit] {
    tokenizer.encode([TextRun(text, isMarkup: true)]).flatMap { token -> [Unit] in
      tokenizer.isSpecial(token) ? [.token(token)] : tokenizer.piece(token).map { .byte($0) }
    }
  }
}
