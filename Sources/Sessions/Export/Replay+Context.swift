extension Replay {
  /// The place on the current branch where the model's memory begins.
  struct ContextMark {
    /// The first message that it remembers; nil where it remembers none of the branch.
    var node: Int?
    /// The messages before it that it does not get.
    var leftOut: Set<Int>
    /// `the context begins here: the 2 turns before it are left out`.
    var text: String
    /// What the model said of them; nil where they are left out without a word.
    var summary: String?
  }

  /// Nil where the model remembers the whole branch.
  var contextMark: ContextMark? {
    let path = session.conversation.path()
    guard let start = session.conversation.contextStart() else { return nil }
    let before = path.prefix { $0.id != start }.filter { $0.role != .system }
    guard !before.isEmpty else { return nil }
    let turns = before.count { $0.role == .user }
    let summary = path.last { $0.cut != nil }?.cut?.summary
    return ContextMark(
      node: path.contains { $0.id == start } ? start : nil, leftOut: Set(before.map(\.id)),
      text:
        "the context begins here: \(turns == 1 ? "the turn before it is" : "the \(turns) turns before it are") "
        + (summary == nil ? "left out" : "summed up"),
      summary: summary)
  }
}
