import CTerminal
import Foundation
import IO

extension Screen {
  /// The user's choices about the screen.
  public struct Options: Sendable {
    /// At most this many colours; nil leaves it to the terminal and to `NO_COLOR`.
    public var colors: ColorDepth?
    /// Whether the terminal reports the mouse (and so does not select text by itself).
    public var mouse: Bool
    /// The file to which stderr goes while the screen is up; without it, or if it cannot be opened, nowhere.
    public var logPath: String?

    public init(colors: ColorDepth? = nil, mouse: Bool = true, logPath: String? = nil) {
      self.colors = colors
      self.mouse = mouse
      self.logPath = logPath
    }
  }

  /// The reason why there can be no screen; the caller then works in lines.
  public enum StartError: Error, Equatable, CustomStringConvertible {
    /// stdin or stdout is a file or a pipe.
    case notATerminal
    /// `TERM` is unset, or names a terminal that cannot move its cursor.
    case dumbTerminal
    /// The terminfo database does not know `TERM`.
    case unknownTerminal(String)
    /// There is no UTF-8 locale, not even C.UTF-8.
    case noUTF8Locale

    public var description: String {
      switch self {
      case .notATerminal: "stdin and stdout are not both a terminal"
      case .dumbTerminal: "TERM is unset or dumb: the terminal cannot be drawn on"
      case .unknownTerminal(let name):
        "TERM=\(name.sanitized) is not in the terminfo database: "
          + "install its entry, or set TERM=xterm-256color"
      case .noUTF8Locale: "no UTF-8 locale: set LC_ALL=C.UTF-8"
      }
    }
  }

  /// Takes over the terminal on stdin and stdout.
  ///
  /// - Throws: `StartError` if that is impossible, with the terminal as it was.
  public static func start(_ options: Options = Options()) throws(StartError) -> Screen {
    let environment = ProcessInfo.processInfo.environment
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
    let name = environment["TERM"] ?? ""
    guard !name.isEmpty, name != "dumb", name != "unknown" else { throw .dumbTerminal }
    guard ct_locale_start() else { throw .noUTF8Locale }

    // Our handlers come before ncurses', which takes only signals that nobody has.
    ct_modes_remember()
    let signals = SignalPipe()
    guard let known = entries(for: name).first(where: { ct_screen_start($0) }) else {
      signals.close()
      throw .unknownTerminal(name)
    }
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let available = ColorDepth.available(count: Int(ct_screen_colors()), terminal: name, environment)
    let wanted = options.colors ?? (noColor ? .mono : .trueColor)
    return Screen(
      terminal: known, colors: min(available, wanted), options: options, signals: signals)
  }

  /// The terminfo entries to try: the terminal's own, and others for terminals of xterm's protocol whose own
  /// entries many systems lack. Of the entries whose colours are not numbered, the sisters with 256 come first.
  private static func entries(for name: String) -> [String] {
    if name.hasSuffix(direct) {
      return [name.dropLast(direct.count) + "-256color", "xterm-256color", name].map { String($0) }
    }
    let families = ["alacritty", "contour", "foot", "ghostty", "kitty", "rio", "st-", "wezterm"]
    let speaksXterm = name.hasSuffix("-256color") || families.contains { name.contains($0) }
    return [name] + (speaksXterm ? ["xterm-256color"] : [])
  }
}

/// The ending of terminfo entries of terminals that take colours by their components.
private let direct = "-direct"

extension ColorDepth {
  /// - Parameter count: The colours that terminfo knows of.
  fileprivate static func available(
    count: Int, terminal: String, _ environment: [String: String]
  ) -> ColorDepth {
    guard count >= 256 else { return count >= 8 ? .ansi8 : .mono }
    if terminal.hasSuffix(direct) || ct_screen_has_all_colors() { return .trueColor }
    let isClaimed = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "")
    if TmuxTerminal.isThere {
      // The variable may be of the terminal that tmux was started in, not of the one it is shown in.
      return TmuxTerminal.hasAllColors ?? isClaimed ? .trueColor : .palette256
    }
    // GNU screen passes the variable on, and garbles the colours.
    return isClaimed && !terminal.hasPrefix("screen") ? .trueColor : .palette256
  }
}
