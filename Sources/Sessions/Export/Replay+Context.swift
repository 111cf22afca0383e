extension Replay {
  /// The place on the current branch where the model's memory begins.
  struct ContextMark {
    /// The first message that it remembers.
    var node: Int
    /// The messages before it that it does not get.
    var leftOut: Set<Int>
    /// `the context begins here: 2 turns before it are left out`.
    var text: String
    /// What the model said of them; nil where they are left out without a word.
    var summary: String?
  }

  /// Nil where the model remembers the whole branch.
  var contextMark: ContextMark? {
    let path = session.conversation.path()
    guard let cut = path.last(where: { $0.cut != nil })?.cut,
      let place = path.firstIndex(where: { $0.id == cut.start }), place > 0
    else { return nil }
    let before = path[..<place].filter { $0.role != .system }
    let turns = before.count { $0.role == .user }
    guard !before.isEmpty else { return nil }
    return ContextMark(
      node: path[place].id, leftOut: Set(before.map(\.id)),
      text: "the context begins here: \(turns == 1 ? "a turn" : "\(turns) turns") before it "
        + (cut.summary == nil ? "left out" : "summed up"),
      summary: cut.summary)
  }
}
