import Templates
import Tokenization

/// How a model's answers hold thoughts: the markers around them, how they are switched, and the name under which
/// its template takes them back. A value that is derived once from vocabulary and template.
public struct ThinkingFormat: Sendable, Hashable {
  /// One step of a marker: a token where the vocabulary has the marker's spelling as one, else a byte of its text.
  enum Unit: Sendable, Hashable {
    case token(Token)
    case byte(UInt8)
  }

  /// A stretch of the answer that is never shown.
  struct Marker: Sendable, Hashable {
    /// What follows the marker.
    enum Role: Sendable, Hashable {
      /// A thought.
      case opens
      /// The content, after a thought.
      case closes
      /// The content, at the beginning of it.
      case begins
      /// Nothing, or another message.
      case ends
      /// The header of a message with a channel; it reaches to ``ThinkingFormat/headerEnd``.
      case header
    }
    var role: Role
    var units: [Unit]
  }

  /// All markers.
  let markers: [Marker]
  /// Beginnings of answers that templates write, and what they are the beginning of.
  let openings: [Marker]
  /// The end of the header of a channel; nil for families without channels.
  let headerEnd: Unit?
  /// Texts in headers whose message is a thought.
  let thoughtChannels: [String]
  /// The tokens that a thought is closed with when its budget is spent.
  public let closing: [Token]
  /// Their text.
  let closingText: String
  /// The text that opens a thought.
  let openingText: String
  /// The tokens among the units of the markers.
  let tokens: [Token]

  /// How the template switches thinking.
  let control: ThinkingControl
  /// The name of a thought in a message for the template; nil where it takes none.
  let key: ThoughtKey?

  /// What ``Think`` can be chosen; empty where the template cannot switch thinking.
  public var choices: [Think] { control.choices }

  /// Why `choice` cannot be had of a model, in one line; nil where it can.
  ///
  /// - Parameter format: nil for a model that does not think.
  static func refusal(of choice: Think, by format: ThinkingFormat?) -> String? {
    guard let format else {
      return choice == .off ? nil : "this model does not think, as far as its vocabulary and template tell"
    }
    return format.refusal(of: choice)
  }

  /// Why `choice` cannot be had, in one line that says what can be done; nil where it can.
  public func refusal(of choice: Think) -> String? {
    if choices.contains(choice) { return nil }
    // A level asks for thinking, which a model without levels has too.
    if choice != .off, choices.contains(.on) { return nil }
    if choice == .on, !choices.isEmpty { return nil }
    guard !choices.isEmpty else {
      return "this model's template cannot switch thinking; think_budget = 0 closes every thought at once"
    }
    let known = choices.map(\.rawValue).joined(separator: ", ")
    return choice == .off
      ? "this model always thinks (\(known)); think_budget = 0 closes every thought at once"
      : "this model's template knows \(known)"
  }
}
