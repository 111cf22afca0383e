import IO
import Inference
import Sessions
import Terminal

extension AppState {
  /// The line above a message: `you`, or `SmolLM2 · 212 tok/s · lean · ‹2/3›`.
  func caption(of node: Conversation.Node) -> Line {
    var line: Line
    switch node.role {
    case .user: line = [Span("you", .user)]
    case .system: line = [Span("system", .faint)]
    case .assistant:
      line = [Span(shortName(node.answer?.model.name ?? "assistant"), .assistant)]
      if let answer = node.answer {
        let isOpen = node.id == answering
        if let rate = decodeRate(of: node), !answer.tokenIDs.isEmpty {
          line.append(Span(" · \(Figures.rate(rate)) tok/s", .faint))
        }
        line.append(Span(" · \(plans.label(of: answer))", .faint))
        if let note = note(on: answer, isOpen: isOpen) { line.append(note) }
      }
    }
    let siblings = session.conversation.siblings(of: node.id)
    if siblings.count > 1, let place = siblings.firstIndex(where: { $0.id == node.id }) {
      line.append(Span("  ‹\(place + 1)/\(siblings.count)›", .key))
    }
    return line
  }

  private func note(on answer: Answer, isOpen: Bool) -> Span? {
    if let failure = answer.failure { return Span(" · \(failure.sanitized)", .error) }
    switch answer.stop {
    case .interrupted: return Span(" · stopped", .warning)
    case .length: return Span(" · length limit", .warning)
    case .contextFull: return Span(" · context full", .warning)
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
