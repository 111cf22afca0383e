extension Key {
  /// The bytes that xterm sends for the key, whatever this terminal sends: the sequences that readline binds
  /// by default. Nil for combinations that have none.
  func bytes(_ modifiers: Modifiers) -> [UInt8]? {
    switch self {
    case .character(let character):
      guard modifiers.contains(.control) else { return prefixed(Array(String(character).utf8), modifiers) }
      return Self.control(character).flatMap { prefixed([$0], modifiers) }
    case .enter: return prefixed([0x0D], modifiers)
    case .tab:
      return modifiers.contains(.shift) ? Array("\u{1B}[Z".utf8) : prefixed([0x09], modifiers)
    case .backspace: return prefixed([modifiers.contains(.control) ? 0x08 : 0x7F], modifiers)
    case .escape: return [0x1B]
    case .up: return Self.letter("A", modifiers)
    case .down: return Self.letter("B", modifiers)
    case .right: return Self.letter("C", modifiers)
    case .left: return Self.letter("D", modifiers)
    case .end: return Self.letter("F", modifiers)
    case .home: return Self.letter("H", modifiers)
    case .insert: return Self.number(2, modifiers)
    case .delete: return Self.number(3, modifiers)
    case .pageUp: return Self.number(5, modifiers)
    case .pageDown: return Self.number(6, modifiers)
    case .function(let number): return Self.function(number, modifiers)
    }
  }

  private func prefixed(_ bytes: [UInt8], _ modifiers: Modifiers) -> [UInt8] {
    modifiers.contains(.alt) ? [0x1B] + bytes : bytes
  }

  private static func control(_ character: Character) -> UInt8? {
    switch character.asciiValue {
    case 0x20: 0
    case .some(let value) where (0x40...0x5F).contains(value) || (0x61...0x7A).contains(value): value & 0x1F
    default: nil
    }
  }

  private static func letter(_ letter: String, _ modifiers: Modifiers) -> [UInt8] {
    Array((modifiers.isEmpty ? "\u{1B}[\(letter)" : "\u{1B}[1;\(modifiers.rawValue + 1)\(letter)").utf8)
  }

  private static func number(_ number: Int, _ modifiers: Modifiers) -> [UInt8] {
    Array((modifiers.isEmpty ? "\u{1B}[\(number)~" : "\u{1B}[\(number);\(modifiers.rawValue + 1)~").utf8)
  }

  private static func function(_ key: Int, _ modifiers: Modifiers) -> [UInt8]? {
    switch key {
    case 1...4:
      let name = ["P", "Q", "R", "S"][key - 1]
      return modifiers.isEmpty ? Array("\u{1B}O\(name)".utf8) : letter(name, modifiers)
    case 5: return number(15, modifiers)
    case 6...10: return number(key + 11, modifiers)
    case 11, 12: return number(key + 12, modifiers)
    default: return nil
    }
  }
}
