/// A complete control sequence: the bytes between `CSI` and its final byte, and that byte.
struct ControlSequence {
  var parameters: [UInt8]
  var final: UInt8

  /// The event that the sequence reports; nil for sequences of no known key.
  var event: InputEvent? {
    if parameters.first == UInt8(ascii: "<") { return mouse }
    guard let numbers = Self.numbers(parameters[...]) else { return nil }
    let modifiers = Modifiers(parameter: numbers.count > 1 ? numbers[1] : 1)
    switch final {
    case UInt8(ascii: "A"): return .key(.up, modifiers)
    case UInt8(ascii: "B"): return .key(.down, modifiers)
    case UInt8(ascii: "C"): return .key(.right, modifiers)
    case UInt8(ascii: "D"): return .key(.left, modifiers)
    case UInt8(ascii: "F"): return .key(.end, modifiers)
    case UInt8(ascii: "H"): return .key(.home, modifiers)
    case UInt8(ascii: "P")...UInt8(ascii: "S"): return .key(.function(Int(final) - 0x4F), modifiers)
    case UInt8(ascii: "Z"): return .key(.tab, modifiers.union(.shift))
    case UInt8(ascii: "I"): return .focus(true)
    case UInt8(ascii: "O"): return .focus(false)
    case UInt8(ascii: "u"): return Self.key(code: numbers.first ?? 0, modifiers)
    case UInt8(ascii: "~"):
      // xterm's modifyOtherKeys: 27 ; modifiers ; code
      if numbers.count == 3, numbers[0] == 27 { return Self.key(code: numbers[2], modifiers) }
      return Self.named(numbers.first ?? 0).map { .key($0, modifiers) }
    default: return nil
    }
  }

  /// `CSI < code ; column ; row M`, or `m` when a button is released.
  private var mouse: InputEvent? {
    guard let numbers = Self.numbers(parameters.dropFirst()), numbers.count == 3,
      final == UInt8(ascii: "M") || final == UInt8(ascii: "m")
    else { return nil }
    return Mouse(
      code: numbers[0], column: numbers[1], row: numbers[2], isRelease: final == UInt8(ascii: "m")
    ).map(InputEvent.mouse)
  }

  /// The numbers between semicolons, subparameters after a colon left out, absent ones 0; nil if there is
  /// anything else or a number beyond all terminals' use.
  private static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int]? {
    var result: [Int] = []
    for part in bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
      var number = 0
      for byte in part.prefix(while: { $0 != UInt8(ascii: ":") }) {
        guard (0x30...0x39).contains(byte), number < 1 << 24 else { return nil }
        number = number * 10 + Int(byte - 0x30)
      }
      result.append(number)
    }
    return result
  }

  /// The keys of `CSI number ~`.
  private static func named(_ number: Int) -> Key? {
    switch number {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23, 24: .function(number - 12)
    default: nil
    }
  }

  /// A key by its Unicode code, as terminals send it that can tell Shift-Enter from Enter.
  private static func key(code: Int, _ modifiers: Modifiers) -> InputEvent? {
    switch code {
    case 9: return .key(.tab, modifiers)
    case 13: return .key(.enter, modifiers)
    case 27: return .key(.escape, modifiers)
    case 8, 127: return .key(.backspace, modifiers)
    default:
      guard code >= 0x20, !(0x7F..<0xA0).contains(code), !(0xE000...0xF8FF).contains(code),
        let scalar = Unicode.Scalar(UInt32(code))
      else { return nil }
      return .key(.character(Character(scalar)), modifiers)
    }
  }
}

extension Modifiers {
  /// From xterm's parameter: one more than a sum of 1 Shift, 2 Alt, 4 Control, 8 Meta.
  fileprivate init(parameter: Int) {
    let bits = max(0, parameter - 1)
    self = Modifiers(rawValue: UInt8(bits & 7))
    if bits & 8 != 0 { insert(.alt) }
  }
}

extension Mouse {
  /// From xterm's code; column and row count from 1. Nil for buttons and movements we do not use.
  init?(code: Int, column: Int, row: Int, isRelease: Bool) {
    guard column > 0, row > 0 else { return nil }
    let buttons: [Button] = [.left, .middle, .right]
    let action: Action
    switch (code & ~0b11111, code & 0b11) {
    case (0, 3): action = .release
    case (0, _) where isRelease: action = .release
    case (0, let button): action = .press(buttons[button])
    case (32, let button) where button < 3: action = .drag(buttons[button])
    case (64, 0): action = .scrollUp
    case (64, 1): action = .scrollDown
    default: return nil
    }
    var modifiers: Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    self.init(action, at: Point(x: column - 1, y: row - 1), modifiers: modifiers)
  }
}
