import IO
import Inference
import Sessions
import Terminal

extension AppState {
  /// The line above a message: `you`, or `SmolLM2 · 212 tok/s · attn −4 · ‹2/3›`. Where it is wider than `width`,
  /// only the last of several plans is named, since the text has marks of them all, and then the speed left out.
  func caption(of node: Conversation.Node, width: Int = .max) -> Line {
    guard let answer = node.answer else { return caption(of: node, plan: "", hasSpeed: false) }
    let all = plans.label(of: answer)
    let changes = answer.planChanges.count
    let last = changes == 0 ? all : "→ \(plans.summary(of: answer.lastPlan))"
    let forms = [(all, true), (last, true), (last, false)].map {
      caption(of: node, plan: $0.0, hasSpeed: $0.1)
    }
    return forms.first { $0.width <= width } ?? forms[2]
  }

  private func caption(of node: Conversation.Node, plan: String, hasSpeed: Bool) -> Line {
    var line: Line
    switch node.role {
    case .user: line = [Span("you", .user)]
    case .system: line = [Span("system", .faint)]
    case .assistant:
      line = [Span(node.answer.map { shortName($0.model.name) } ?? "the answer, by you", .assistant)]
      if let answer = node.answer {
        if hasSpeed, let rate = contentRate(of: node), !answer.tokenIDs.isEmpty {
          line.append(Span(" · \(Figures.rate(rate)) tok/s", .faint))
        }
        if hasSpeed, let drafted = answer.statistics?.draft?.accepted, drafted > 0 {
          line.append(Span(" · \(Figures.grouped(drafted)) drafted", .faint))
        }
        line.append(Span(" · \(plan)", .faint))
        // Before what may be cut off where there is no room.
        line += siblings(of: node)
        if let branch = answer.branch { line.append(Span(" · branch at token \(branch.tokens)", .faint)) }
        if let note = note(on: answer, isOpen: node.id == answering, inThought: node.isAllThought) {
          line.append(note)
        }
      }
    }
    if node.answer == nil { line += siblings(of: node) }
    return line + memory(at: node)
  }

  /// `‹2/3›`: which of several branches this is; nothing where there is one.
  private func siblings(of node: Conversation.Node) -> Line {
    let siblings = session.conversation.siblings(of: node.id)
    guard siblings.count > 1, let place = siblings.firstIndex(where: { $0.id == node.id }) else { return [] }
    return [Span("  ‹\(place + 1)/\(siblings.count)›", .key)]
  }

  /// Where the model's memory begins, and what is before it.
  private func memory(at node: Conversation.Node) -> Line {
    guard let start = session.conversation.contextStart() else { return [] }
    if node.id == start { return [Span("  ── context begins", .warning)] }
    // A message is younger than those before it.
    return node.id < start && node.role != .system ? [Span(" · left out", .faint)] : []
  }

  private func note(on answer: Answer, isOpen: Bool, inThought: Bool) -> Span? {
    let place = inThought ? " in its thought" : ""
    if answer.stop == .loop, let loop = answer.statistics?.loop {
      return Span(" · repeats itself since token \(loop.from)", .warning)
    }
    if let failure = answer.failure { return Span(" · \(failure.sanitized)", .error) }
    switch answer.stop {
    case .interrupted: return Span(" · stopped\(place)", .warning)
    case .length: return Span(" · length limit\(place)", .warning)
    case .contextFull: return Span(" · context full\(place)", .warning)
    case .loop: return Span(" · repeats itself", .warning)
    case .endOfTurn: return nil
    case nil: return isOpen ? nil : Span(" · cut off\(place)", .warning)
    }
  }

  /// The line that stands for a thought: `▸ thought for 12 s · 340 tokens · 28.3 tok/s`. Figures go, the last
  /// first, where it is wider than `width`.
  func thoughtLine(of node: Conversation.Node, isUnfolded: Bool, width: Int) -> Line {
    let lines = thoughtLines(of: node, isUnfolded: isUnfolded)
    return lines.first { $0.width <= width } ?? lines.last ?? []
  }

  /// Its forms, from the longest to the shortest.
  func thoughtLines(of node: Conversation.Node, isUnfolded: Bool) -> [Line] {
    let isThinking = isThinking(node)
    let figures = thoughtFigures(of: node)
    let seconds = figures.map { Figures.seconds($0.seconds, isWhole: isThinking) }
    var parts = [isThinking ? "thinking" : seconds.map { "thought for \($0)" } ?? "thought"]
    if let figures {
      let budget =
        isThinking ? node.answer?.lastSampling.thinkBudget.map { " of \(Figures.grouped($0))" } : nil
      let unit = figures.tokens == 1 && budget == nil ? "token" : "tokens"
      parts.append("\(Figures.grouped(figures.tokens))\(budget ?? "") \(unit)")
      if isThinking {
        parts.append(seconds ?? "")
      } else if figures.tokensPerSecond > 0 {
        parts.append("\(Figures.rate(figures.tokensPerSecond)) tok/s")
      }
    }
    let end: Line =
      node.isAllThought && node.id != answering
      ? [Span(" · ", .faint), Span("no answer came", .warning)] : []
    func line(_ count: Int) -> Line {
      [Span(isUnfolded ? "▾ " : "▸ ", .key), Span(parts.prefix(count).joined(separator: " · "), .thought)]
        + end
    }
    return (1...parts.count).reversed().map(line)
  }

  /// How far the thought has come that the model is in: `thinking · 340 tokens · 12 s`.
  var thinkingHint: Line? {
    guard let node = answering.flatMap({ session.conversation[$0] }), isThinking(node),
      let figures = thoughtFigures(of: node)
    else { return nil }
    let seconds = Figures.seconds(figures.seconds, isWhole: true)
    return [Span("thinking · \(Figures.grouped(figures.tokens)) tokens · \(seconds)", .thought)]
  }

  /// Model names are long; the part before the first size or format is what people call it.
  private func shortName(_ name: String) -> String {
    let clean = name.sanitized.replacing("\n", with: " ")
    let short = clean.prefix { $0 != " " && $0 != "-" && $0 != "_" }
    return short.count >= 3 ? String(short) : clean
  }
}
