import Foundation

/// The modes of xterm that ncurses does not set: bracketed paste, mouse and focus reports, synchronized
/// update.
@MainActor
final class TerminalModes {
  /// Whether the terminal speaks xterm's protocol; to others these modes are not sent.
  let isXterm: Bool
  var mouse: Bool {
    didSet { if mouse != oldValue { send(mouse ? Self.mouseOn : Self.mouseOff) } }
  }

  init(isXterm: Bool, mouse: Bool) {
    self.isXterm = isXterm
    self.mouse = mouse
  }

  /// Buttons, drags and SGR coordinates, which have no limit at column 223.
  private static let mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
  private static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l"

  func enter() {
    send("\u{1B}[?2004h\u{1B}[?1004h" + (mouse ? Self.mouseOn : ""))
  }

  func leave() {
    send(leaving)
  }

  /// The bytes that turn all modes off.
  var leaving: String {
    isXterm ? "\u{1B}[?2026l" + Self.mouseOff + "\u{1B}[?1004l\u{1B}[?2004l" : ""
  }

  /// Sends an update of the screen, which the terminal shows at once (synchronized update).
  func show(_ bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty else { return }
    let (begin, end) = isXterm ? ("\u{1B}[?2026h", "\u{1B}[?2026l") : ("", "")
    Self.write(Array(begin.utf8) + bytes + Array(end.utf8))
  }

  private func send(_ sequence: String) {
    if isXterm { Self.write(Array(sequence.utf8)) }
  }

  /// Writes to the terminal directly; between updates ncurses buffers nothing that could come later.
  static func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&descriptor, 1, -1)
      } else if errno != EINTR {
        return  // the terminal is gone; SIGHUP is on its way
      }
    }
  }
}
