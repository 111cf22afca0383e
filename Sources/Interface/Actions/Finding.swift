import IO

extension AppState {
  /// Looks for a text in the conversation, from what is on the screen on.
  mutating func find(_ text: String) {
    let text = text.sanitized
    let search = Find(text)
    let matches = chat.matches(of: search)
    guard !matches.isEmpty else {
      find = nil
      return say("there is no “\(text)” in this conversation")
    }
    find = search
    focus(on: .chat)
    let top = chat.firstVisibleRow
    go(to: matches.firstIndex { (chat.row(of: $0) ?? 0) >= top } ?? 0, of: matches)
  }

  /// Goes to the next match, or the one before, and round at the ends.
  mutating func findNext(by step: Int) {
    guard let find else { return say("/find TEXT looks for a text; n and N go through its places") }
    let matches = chat.matches(of: find)
    guard !matches.isEmpty else { return say("there is no “\(find.text)” in this conversation") }
    let here = find.here.flatMap { matches.firstIndex(of: $0) } ?? (step > 0 ? -1 : 0)
    go(to: (here + step + matches.count) % matches.count, of: matches)
  }

  private mutating func go(to index: Int, of matches: [Find.Match]) {
    find?.here = matches[index]
    chat.reveal(matches[index])
    let next = keys[.chat].first { $0.action == "find-next" }?.keyNames ?? ""
    let previous = keys[.chat].first { $0.action == "find-previous" }?.keyNames ?? ""
    say(
      "\(Figures.grouped(index + 1)) of \(Figures.grouped(matches.count)) for “\(find?.text ?? "")”: "
        + "\(next) next · \(previous) previous · Esc ends")
  }
}
