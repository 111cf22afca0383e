/// An action of a person at the terminal, or another event that the user interface reacts to.
public enum InputEvent: Hashable, Sendable {
  case key(Key, Modifiers)
  /// Text that was pasted, newlines as `\n`, sanitized.
  case paste(String)
  /// The paste was longer than can be taken: its rest is left out.
  case pasteTooLong
  case mouse(Mouse)
  /// The terminal's window gained or lost the focus.
  case focus(Bool)
  case resize(Size)
  /// The terminal's background, which `Screen.askForBackground` asked for.
  case background(RGB)
  /// A `Waker` was used: something is waiting in a mailbox.
  case wake
  /// The time asked for with `EventLoop.requestTick(after:)` has come.
  case tick

  /// A key without modifiers.
  public static func key(_ key: Key) -> InputEvent { .key(key, []) }
}

/// A key by its meaning: `"a"` stands for `.character("a")`.
public enum Key: Hashable, Sendable, ExpressibleByExtendedGraphemeClusterLiteral {
  /// A character that was typed. With `.control`, the lower-case letter or the sign: `"c"`, `" "`, `"\\"`.
  case character(Character)
  case enter, tab, backspace, delete, escape, insert
  case up, down, left, right, home, end, pageUp, pageDown
  /// A function key; F1 is 1.
  case function(Int)

  public init(extendedGraphemeClusterLiteral character: Character) { self = .character(character) }
}

/// Keys held down with another. Terminals report `.shift` with named keys only: a shifted letter is just
/// another character.
public struct Modifiers: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let shift = Modifiers(rawValue: 1)
  public static let alt = Modifiers(rawValue: 2)
  public static let control = Modifiers(rawValue: 4)
}

/// A mouse report.
public struct Mouse: Hashable, Sendable {
  /// The kind of report.
  public enum Action: Hashable, Sendable {
    case press(Button)
    case release
    /// Moved with the button held down.
    case drag(Button)
    case scrollUp, scrollDown
  }

  /// A mouse button.
  public enum Button: Hashable, Sendable {
    case left, middle, right
  }

  public var action: Action
  /// The cell, (0, 0) at the upper left.
  public var position: Point
  public var modifiers: Modifiers

  public init(_ action: Action, at position: Point, modifiers: Modifiers = []) {
    self.action = action
    self.position = position
    self.modifiers = modifiers
  }
}
