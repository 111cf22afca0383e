/// One answer in a dialogue of plain text, for models without turns of their own: the space after the colon
/// is not part of it, and it ends where the next turn begins.
struct PlainTurn {
  /// The beginning of the next turn.
  static let nextTurn = "\nUser:"

  private var held: [AnswerToken] = []
  private var hasBegun: Bool

  /// - Parameter hasBegun: Whether the turn goes on, so that a space is a part of it.
  init(hasBegun: Bool = false) { self.hasBegun = hasBegun }

  /// Adds a drawn token.
  ///
  /// - Returns: The tokens that cannot be part of ``nextTurn`` any more, and whether ``nextTurn`` has come.
  mutating func append(_ token: AnswerToken) -> (ready: [AnswerToken], isOver: Bool) {
    var token = token
    if !hasBegun {
      token.text = String(token.text.drop { $0 == " " })
      hasBegun = !token.text.isEmpty
    }
    held.append(token)
    let text = Array(held.map(\.text).joined().utf8), end = Array(Self.nextTurn.utf8)
    if let start = text.indices.first(where: { text[$0...].starts(with: end) }) {
      var ready = release(bytes: start)
      // The next turn may begin inside a token.
      let rest = start - ready.reduce(0) { $0 + $1.text.utf8.count }
      if var last = held.first, rest > 0 {
        last.text = String(decoding: last.text.utf8.prefix(rest), as: UTF8.self)
        ready.append(last)
      }
      held = []
      return (ready, true)
    }
    let suspects = (0..<end.count).reversed().first { text.suffix($0).elementsEqual(end.prefix($0)) } ?? 0
    return (release(bytes: text.count - suspects), false)
  }

  /// The tokens that are still held, when the answer ended otherwise.
  mutating func finish() -> [AnswerToken] { release(bytes: .max) }

  /// Whole tokens within the first `bytes`.
  private mutating func release(bytes: Int) -> [AnswerToken] {
    var ready: [AnswerToken] = [], rest = bytes
    while let first = held.first, first.text.utf8.count <= rest {
      rest -= first.text.utf8.count
      ready.append(held.removeFirst())
    }
    return ready
  }
}
