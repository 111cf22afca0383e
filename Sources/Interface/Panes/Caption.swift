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
        if hasSpeed, let rate = decodeRate(of: node), !answer.tokenIDs.isEmpty {
          line.append(Span(" · \(Figures.rate(rate)) tok/s", .faint))
        }
        line.append(Span(" · \(plan)", .faint))
        if let note = note(on: answer, isOpen: node.id == answering) { line.append(note) }
      }
    }
    let siblings = session.conversation.siblings(of: node.id)
    if siblings.count > 1, let place = siblings.firstIndex(where: { $0.id == node.id }) {
      line.append(Span("  ‹\(place + 1)/\(siblings.count)›", .key))
    }
    return line + memory(at: node)
  }

  /// Where the model's memory begins, and what is before it.
  private func memory(at node: Conversation.Node) -> Line {
    guard let start = session.conversation.contextStart() else { return [] }
    if node.id == start { return [Span("  ── context begins", .warning)] }
    // A message is younger than those before it.
    return node.id < start && node.role != .system ? [Span(" · left out", .faint)] : []
  }

  private func note(on answer: Answer, isOpen: Bool) -> Span? {
    if answer.stop == .loop, let loop = answer.statistics?.loop {
      return Span(" · repeats itself since token \(loop.from)", .warning)
    }
    if let failure = answer.failure { return Span(" · \(failure.sanitized)", .error) }
    switch answer.stop {
    case .interrupted: return Span(" · stopped", .warning)
    case .length: return Span(" · length limit", .warning)
    case .contextFull: return Span(" · context full", .warning)
    case .loop: return Span(" · repeats itself", .warning)
    case .endOfTurn: return nil
    case nil: return isOpen ? nil : Span(" · cut off", .warning)
    }
  }

  /// Model names are long; the part before the first size or format is what people call it.
  private func shortName(_ name: String) -> String {
    let clean = name.sanitized.replacing("\n", with: " ")
    let short = clean.prefix { $0 != " " && $0 != "-" && $0 != "_" }
    return short.count >= 3 ? String(short) : clean
  }
}
