import IO

/// A decoder from the bytes of a terminal to events: UTF-8, the keys of ECMA-48 terminals (CSI and SS3
/// sequences as xterm and the Linux console send them), xterm's mouse reports, bracketed paste, focus
/// reports.
///
/// The split of the bytes into reads makes no difference, with two exceptions that the protocol forces: a
/// lone Esc may begin a sequence until some time has passed without more bytes, and a paste whose end is lost
/// would swallow every key. The caller keeps that time: when nothing comes for ``patience``, call `flush`.
public struct InputDecoder {
  /// The time to wait after an Esc for the rest of a sequence; as short as keeps sequences whole over ssh.
  public static let escapeDelay: Duration = .milliseconds(50)
  /// The time to wait for more of a paste, longer than a slow line stalls: what comes later counts as typed.
  public static let pasteDelay: Duration = .seconds(2)
  /// The longest text of a paste in bytes; the rest of it is left out.
  static let maximalPaste = 16 << 20

  /// Sequences longer than this belong to no key: the bytes after them count as typed.
  static let maximalLength = 256

  private enum State {
    case ground
    /// The bytes of a UTF-8 sequence so far.
    case utf8([UInt8], alt: Bool)
    case escape
    /// Parameters and intermediates so far.
    case csi([UInt8])
    case ss3
    /// `CSI [`, which begins F1 to F5 on the Linux console.
    case linuxFunction
    /// `CSI M`: three bytes follow.
    case x10Mouse([UInt8])
    /// An answer of the terminal (OSC, DCS and the like), whose bytes ``answer`` has.
    case string(introducer: UInt8, length: Int)
    case stringEscape(introducer: UInt8)
    case paste
    /// After ``maximalPaste``: `pasted` holds only some of the last bytes.
    case pasteRest
  }

  private var state = State.ground
  private var pasted: [UInt8] = []
  private var answer: [UInt8] = []
  private var events: [InputEvent] = []

  /// A decoder that has seen no bytes.
  public init() {}

  /// The time to wait for more bytes, where those so far may be all or the start of more; nil where they are
  /// all.
  public var patience: Duration? {
    switch state {
    case .escape, .ss3, .string(_, length: 0): Self.escapeDelay
    case .csi(let bytes): bytes.isEmpty ? Self.escapeDelay : nil
    // ^C that nothing follows was pressed by a person whose keys the paste swallows.
    case .paste, .pasteRest: pasted.last == Self.interrupt ? Self.escapeDelay : Self.pasteDelay
    default: nil
    }
  }

  private static let interrupt: UInt8 = 0x03

  /// The events that these bytes complete.
  public mutating func decode(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
    for byte in bytes { consume(byte) }
    defer { events = [] }
    return events
  }

  /// The events of the bytes that awaited their rest, which has not come within ``patience``.
  public mutating func flush() -> [InputEvent] {
    switch state {
    case .escape: emit(.escape)
    case .ss3: emit("O", .alt)
    case .string(let introducer, length: 0): emit(.character(Character(Unicode.Scalar(introducer))), .alt)
    case .csi(let bytes) where bytes.isEmpty: emit("[", .alt)
    case .paste, .pasteRest: endPasteWithoutMark()
    default: return []
    }
    state = .ground
    defer { events = [] }
    return events
  }

  private mutating func emit(_ key: Key, _ modifiers: Modifiers = []) {
    events.append(.key(key, modifiers))
  }

  // MARK: - One byte

  private mutating func consume(_ byte: UInt8) {
    switch state {
    case .ground: ground(byte, alt: false)
    case .utf8(let bytes, let alt): utf8(bytes, byte, alt: alt)
    case .escape: escape(byte)
    case .csi(let bytes): csi(bytes, byte)
    case .ss3: ss3(byte)
    case .linuxFunction:
      state = .ground
      if (0x41...0x45).contains(byte) { emit(.function(Int(byte) - 0x40)) }
    case .x10Mouse(var bytes):
      bytes.append(byte)
      state = bytes.count < 3 ? .x10Mouse(bytes) : .ground
      if bytes.count == 3 { x10Mouse(bytes) }
    case .string(let introducer, let length): string(byte, introducer: introducer, length: length)
    case .stringEscape(let introducer):
      state = .ground
      if byte == 0x5C {
        endAnswer(introducer)
      } else {
        state = .escape
        consume(byte)
      }
    case .paste: paste(byte)
    case .pasteRest: pasteRest(byte)
    }
  }

  private mutating func ground(_ byte: UInt8, alt: Bool) {
    state = .ground
    let modifiers: Modifiers = alt ? .alt : []
    switch byte {
    case 0x1B: state = .escape
    case 0x20..<0x7F: emit(.character(Character(Unicode.Scalar(byte))), modifiers)
    case 0x09: emit(.tab, modifiers)
    case 0x0D: emit(.enter, modifiers)
    case 0x7F: emit(.backspace, modifiers)
    case 0x00: emit(" ", modifiers.union(.control))
    case 0x01...0x1A: emit(.character(Character(Unicode.Scalar(byte + 0x60))), modifiers.union(.control))
    case 0x1C...0x1F: emit(.character(Character(Unicode.Scalar(byte + 0x40))), modifiers.union(.control))
    case 0xC2...0xF4: state = .utf8([byte], alt: alt)
    default: emit("\u{FFFD}", modifiers)  // not a byte that UTF-8 begins with
    }
  }

  private mutating func utf8(_ start: [UInt8], _ byte: UInt8, alt: Bool) {
    let bytes = start + [byte]
    let modifiers: Modifiers = alt ? .alt : []
    let length = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4
    guard Self.continues(start, byte) else {
      emit("\u{FFFD}", modifiers)
      ground(byte, alt: false)
      return
    }
    if bytes.count < length {
      state = .utf8(bytes, alt: alt)
      return
    }
    state = .ground
    let character = Character(String(decoding: bytes, as: UTF8.self))
    // C1 controls come from terminals in 8-bit mode, which nobody types.
    if character.unicodeScalars.first.map({ $0.value >= 0xA0 }) == true {
      emit(.character(character), modifiers)
    }
  }

  /// Whether the byte continues a well-formed UTF-8 sequence (Unicode, table 3-7).
  private static func continues(_ start: [UInt8], _ byte: UInt8) -> Bool {
    switch (start.count, start[0]) {
    case (1, 0xE0): (0xA0...0xBF).contains(byte)
    case (1, 0xED): (0x80...0x9F).contains(byte)
    case (1, 0xF0): (0x90...0xBF).contains(byte)
    case (1, 0xF4): (0x80...0x8F).contains(byte)
    default: (0x80...0xBF).contains(byte)
    }
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x1B: emit(.escape)  // twice Esc; the second may begin something
    case 0x5B: state = .csi([])
    case 0x4F: state = .ss3
    case 0x5D, 0x50, 0x58, 0x5E, 0x5F:  // OSC DCS SOS PM APC
      answer = []
      state = .string(introducer: byte, length: 0)
    default: ground(byte, alt: true)
    }
  }

  private mutating func csi(_ bytes: [UInt8], _ byte: UInt8) {
    switch byte {
    case 0x5B where bytes.isEmpty: state = .linuxFunction
    case 0x4D where bytes.isEmpty: state = .x10Mouse([])
    case 0x20...0x3F where bytes.count < Self.maximalLength: state = .csi(bytes + [byte])
    case 0x40...0x7E:
      state = .ground
      if bytes == Array("200".utf8), byte == 0x7E {
        state = .paste
      } else if let event = ControlSequence(parameters: bytes, final: byte).event {
        events.append(event)
      }
    default: ground(byte, alt: false)  // broken off
    }
  }

  private mutating func ss3(_ byte: UInt8) {
    guard (0x40...0x7E).contains(byte) else {
      emit("O", .alt)
      ground(byte, alt: false)
      return
    }
    state = .ground
    if byte == 0x4D {
      emit(.enter)  // the keypad's
    } else if let event = ControlSequence(parameters: [], final: byte).event {
      events.append(event)
    }
  }

  private mutating func string(_ byte: UInt8, introducer: UInt8, length: Int) {
    switch byte {
    case 0x1B: state = .stringEscape(introducer: introducer)
    case 0x07:
      state = .ground
      endAnswer(introducer)
    case 0..<0x20: ground(byte, alt: false)  // no answer of a terminal holds it: a person is typing
    default:
      answer.append(byte)
      state = length < Self.maximalLength ? .string(introducer: introducer, length: length + 1) : .ground
    }
  }

  /// Of all answers only the colour of the background is of use: `OSC 11 ; rgb:1c1c/1c1c/1f1f`.
  private mutating func endAnswer(_ introducer: UInt8) {
    guard introducer == 0x5D else { return }
    let text = String(decoding: answer, as: UTF8.self)
    if text.hasPrefix("11;"), let color = RGB(terminal: text.dropFirst(3)) {
      events.append(.background(color))
    }
  }

  private static let pasteEnd = "\u{1B}[201~"

  private mutating func paste(_ byte: UInt8) {
    pasted.append(byte)
    if byte == 0x7E, pasted.ends(with: Self.pasteEnd) {
      emitPaste(pasted.dropLast(Self.pasteEnd.utf8.count))
      state = .ground
    } else if pasted.count == Self.maximalPaste {
      emitPaste(pasted[...])
      events.append(.pasteTooLong)
      state = .pasteRest
    }
  }

  private mutating func pasteRest(_ byte: UInt8) {
    pasted.append(byte)
    if pasted.count > Self.maximalLength { pasted.removeFirst(Self.maximalLength / 2) }
    guard byte == 0x7E, pasted.ends(with: Self.pasteEnd) else { return }
    pasted = []
    state = .ground
  }

  /// Ends a paste whose mark is lost: by silence, or by ^C, which then counts as a key.
  private mutating func endPasteWithoutMark() {
    let isInterrupted = pasted.last == Self.interrupt
    if case .paste = state { emitPaste(isInterrupted ? pasted.dropLast() : pasted[...]) }
    if isInterrupted { emit("c", .control) }
    pasted = []
  }

  private mutating func emitPaste(_ bytes: ArraySlice<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    pasted = []
    var scalars = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\r" {
        scalars.append("\n")
      } else if scalar != "\n" || !afterReturn {
        scalars.append(scalar)
      }
      afterReturn = scalar == "\r"
    }
    events.append(.paste(String(scalars).sanitized))
  }

  private mutating func x10Mouse(_ bytes: [UInt8]) {
    let values = bytes.map { max(0, Int($0) - 32) }
    if let mouse = Mouse(code: values[0], column: values[1], row: values[2], isRelease: false) {
      events.append(.mouse(mouse))
    }
  }
}

extension [UInt8] {
  fileprivate func ends(with text: String) -> Bool {
    suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}

extension RGB {
  /// A colour as terminals write it: `rgb:` or `rgba:` with one to four hexadecimal digits for each component,
  /// or `#rrggbb`.
  init?(terminal text: some StringProtocol) {
    var parts: [Substring]
    if text.hasPrefix("#"), text.utf8.count == 7 {
      let digits = Substring(text.dropFirst())
      parts = [digits.prefix(2), digits.dropFirst(2).prefix(2), digits.suffix(2)]
    } else {
      guard let colon = text.firstIndex(of: ":"), ["rgb", "rgba"].contains(String(text[..<colon])) else {
        return nil
      }
      parts = text[text.index(after: colon)...].split(separator: "/").map { Substring($0) }
    }
    let values = parts.compactMap { part -> UInt8? in
      guard (1...4).contains(part.count), let value = Int(part, radix: 16), value >= 0 else { return nil }
      return UInt8(value * 255 / ((1 << (4 * part.count)) - 1))
    }
    guard values.count == parts.count, values.count >= 3 else { return nil }
    self.init(red: values[0], green: values[1], blue: values[2])
  }
}
