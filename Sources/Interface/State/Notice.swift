/// One line about what just happened.
public struct Notice: Sendable, Hashable {
  public enum Kind: Sendable, Hashable { case info, warning, error }
  public var kind: Kind
  public var text: String
  /// When it was shown, in seconds of the program's clock.
  var since: Double

  /// Seconds after which it goes away by itself; errors stay until the next key.
  static let lifetime = 8.0

  func isOver(at time: Double) -> Bool { kind != .error && time - since > Self.lifetime }

  var element: Element {
    switch kind {
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
