import IO
import Inference
import Sessions

extension AppState {
  /// Shows the models to choose from.
  mutating func pickModel() -> [Effect] {
    overlay = .models
    picker.isLooking = true
    return [.inspectModels(others: [model?.path].compactMap { $0 })]
  }

  /// Takes in what is known of them.
  mutating func take(_ cards: [ModelCard], isLooking: Bool) {
    let isFirst = picker.cards.isEmpty
    picker.cards = cards
    picker.isLooking = isLooking
    if isFirst, let open = cards.firstIndex(where: { $0.path == model?.path }) { picker.cursor = open }
    picker.cursor = max(0, min(picker.cursor, cards.count - 1))
  }

  mutating func movePicker(by step: Int) {
    picker.cursor = max(0, min(picker.cursor + step, picker.cards.count - 1))
  }

  /// Opens the model under the cursor, or fetches it first.
  mutating func usePickedModel() -> [Effect] {
    guard picker.cards.indices.contains(picker.cursor) else { return [] }
    let card = picker.cards[picker.cursor]
    guard let path = card.path else { return beginPull(card.name) }
    if let problem = card.problem {
      say(.error, problem)
      return []
    }
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    overlay = nil
    guard path != model?.path else { return [] }
    isLoading = true
    return [.loadModel(path)]
  }

  // MARK: Fetching

  /// Fetches a model by a name of the catalogue or an address.
  mutating func beginPull(_ name: String) -> [Effect] {
    if let pull {
      say(.warning, "\(pull.name) is being fetched: /pull stop ends that")
      return []
    }
    overlay = nil
    pull = PullState(name: name.sanitized)
    say("fetching \(name); /pull stop ends it, and what is there then stays")
    return [.pull(name)]
  }

  mutating func stopPull() -> [Effect] {
    guard pull != nil else {
      say("nothing is being fetched")
      return []
    }
    pull?.isStopping = true
    return [.stopPull]
  }

  mutating func take(_ report: PullReport) {
    let total = report.totalBytes ?? 0
    pull?.fraction = total > 0 ? Double(report.bytes ?? 0) / Double(total) : nil
    var words: [String] = []
    if let part = report.part, let parts = report.parts, parts > 1 { words.append("part \(part)/\(parts)") }
    switch report.stage {
    case "locating": words.append("looking for it")
    case "unpacking": words.append("unpacking")
    case "verifying": words.append("checking")
    default:
      if total > 0 { words.append("\(Figures.bytes(report.bytes ?? 0)) of \(Figures.bytes(total))") }
      if let rate = report.bytesPerSecond, rate > 0 { words.append("\(Figures.bytes(Int(nearest: rate)))/s") }
    }
    pull?.rate = words.joined(separator: ", ")
  }

  mutating func endPull(of name: String, _ end: PullEnd) -> [Effect] {
    pull = nil
    switch end {
    case .fetched: say("\(name) is here: /model \(name) opens it")
    case .stopped: say("stopped; /pull \(name) goes on from there")
    case .failed(let reason): say(.error, reason)
    }
    let looksAgain = overlay == .models
    return [.refreshCatalog] + (looksAgain ? pickModel() : [])
  }
}
