/// One line about what just happened.
struct Notice: Sendable, Hashable {
  enum Kind: Sendable, Hashable { case info, warning, error }
  var kind: Kind
  var text: String
  /// When it was shown, in seconds of the program's clock.
  var since: Double

  /// Seconds after which it goes away by itself; errors stay until the next key.
  static let lifetime = 8.0

  func isOver(at time: Double) -> Bool { kind != .error && time - since > Self.lifetime }

  /// The text in the rows of a line that is `width` cells wide, one cell at either side left free.
  func rows(width: Int) -> [Line] { [Span(text, element)].wrapped(width: max(1, width - 2)) }

  private var element: Element {
    switch kind {
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
