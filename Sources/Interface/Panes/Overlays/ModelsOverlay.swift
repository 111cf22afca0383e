import IO
import Inference
import Terminal

/// The models to choose from: those that are here and those that can be fetched.
struct ModelsOverlay: OverlayView {
  let name = "models"
  let heading = "Models"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "previous model") { $0.movePicker(by: -1) },
    .changing("down", .keys(.down, "j"), "next model") { $0.movePicker(by: 1) },
    KeyBinding("use", .keys(.enter), "open it, or fetch it") { $0.usePickedModel() },
    .close(.keys(.escape, "q") + [.control("c")]),
  ]

  func scroll(_ state: inout AppState, by steps: Int) { state.movePicker(by: steps) }

  func title(_ state: AppState) -> String {
    "Models" + (state.picker.isLooking ? " · looking into them" : "")
  }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let picker = state.picker
    let width = Popup.width(canvas.size)
    guard picker.cards.indices.contains(picker.cursor) else {
      return Popup.draw(title(state), [[Span("looking…", .faint)]], on: &canvas)
    }
    let picked = picker.cards[picker.cursor]
    let details = details(picked).flatMap { $0.wrapped(width: width) }
    let names = min(picker.cards.map { $0.name.sanitized.cellWidth }.max() ?? 0, max(8, width - 32))
    let room = max(1, Popup.room(canvas.size) - details.count - 1)
    let first = max(0, min(picker.cursor - room / 2, picker.cards.count - room))
    let rows = picker.cards.enumerated().dropFirst(first).prefix(room).map { place, card in
      row(card, isPicked: place == picker.cursor, isOpen: card.path == state.model?.path, names: names)
    }
    let does = picked.path == nil ? "fetches it" : "opens it"
    Popup.draw(
      title(state), rows + [[]] + details,
      footer: "\(key("up", state))\(key("down", state)) · \(key("use", state)) \(does) · "
        + "\(key("close", state)) closes",
      on: &canvas)
  }

  /// `▶ SmolLM2-135M-Instruct   98.4 MB   412 MB  fits`.
  private func row(_ card: ModelCard, isPicked: Bool, isOpen: Bool, names: Int) -> Line {
    let element: Element = isPicked ? .strong : card.path == nil ? .faint : .text
    let state: Span =
      if card.path == nil {
        Span("not here", .faint)
      } else if card.problem != nil {
        Span("cannot be opened", .error)
      } else if let fit = card.fit {
        Span(isOpen ? "open" : fit.rawValue, fit == .fits ? .runs : .warning)
      } else {
        Span("…", .faint)
      }
    let name = card.name.sanitized.truncated(width: names).padding(toWidth: names)
    return [
      Span(isPicked ? "▶ " : "  ", .key), Span(name, element),
      Span((card.bytes.map(Figures.bytes) ?? "").padded(to: 9), element),
      Span((card.need.map { Figures.bytes($0.total) } ?? "").padded(to: 9) + "  ", .faint), state,
    ]
  }

  private func details(_ card: ModelCard) -> [Line] {
    if let problem = card.problem { return [[Span(problem.sanitized, .error)]] }
    var lines: [Line] = card.about.isEmpty ? [] : [[Span(card.about.sanitized)]]
    if let kind = card.kind { lines.append([Span(kind.rawValue, kind == .base ? .warning : .text)]) }
    if let need = card.need {
      lines.append([Span("memory \(Figures.bytes(need.total)): \(need.parts)", .faint)])
    }
    switch card.fit {
    case .tight: lines.append([Span("other programs hold memory that it needs: it may be slow", .warning)])
    case .tooLarge: lines.append([Span("more than this machine has", .error)])
    case .fits, nil: break
    }
    return lines + [[Span("sizes: of the file, in memory", .faint)]]
  }
}
