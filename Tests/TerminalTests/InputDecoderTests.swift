import Testing

@testable import Terminal

@Suite struct InputDecoderTests {
  private func decode(_ text: String) -> [InputEvent] {
    var decoder = InputDecoder()
    return decoder.decode(text.utf8)
  }

  private func decode(_ bytes: [UInt8]) -> [InputEvent] {
    var decoder = InputDecoder()
    return decoder.decode(bytes)
  }

  @Test func typedText() {
    #expect(decode("aé日👍") == [.key("a"), .key("é"), .key("日"), .key("👍")])
    #expect(decode("\t\r\u{7F} ") == [.key(.tab), .key(.enter), .key(.backspace), .key(" ")])
  }

  @Test func controlKeys() {
    #expect(decode("\u{3}\n\u{8}") == [.key("c", .control), .key("j", .control), .key("h", .control)])
    #expect(decode([0, 0x1C, 0x1F]) == [.key(" ", .control), .key("\\", .control), .key("_", .control)])
  }

  @Test(
    arguments: [
      ("\u{1B}[A", .key(.up)), ("\u{1B}OB", .key(.down)), ("\u{1B}[1;5C", .key(.right, .control)),
      ("\u{1B}[1;4D", .key(.left, [.shift, .alt])), ("\u{1B}[H", .key(.home)), ("\u{1B}[4~", .key(.end)),
      ("\u{1B}[3;2~", .key(.delete, .shift)), ("\u{1B}[5~", .key(.pageUp)), ("\u{1B}[Z", .key(.tab, .shift)),
      ("\u{1B}OP", .key(.function(1))), ("\u{1B}[15~", .key(.function(5))),
      ("\u{1B}[24~", .key(.function(12))),
      ("\u{1B}[[E", .key(.function(5))), ("\u{1B}[1;2S", .key(.function(4), .shift)),
      ("\u{1B}[I", .focus(true)),
      ("\u{1B}[O", .focus(false)), ("\u{1B}[13;2u", .key(.enter, .shift)),
      ("\u{1B}[27;5;9~", .key(.tab, .control)),
      ("\u{1B}x", .key("x", .alt)), ("\u{1B}\r", .key(.enter, .alt)), ("\u{1B}é", .key("é", .alt)),
      ("\u{1B}\u{2}", .key("b", [.alt, .control])), ("\u{1B}[233:201;5u", .key("é", .control)),
      ("\u{1B}[1;9A", .key(.up, .alt)),
    ] as [(String, InputEvent)])
  func sequences(_ bytes: String, _ event: InputEvent) {
    #expect(decode(bytes) == [event])
    #expect(decode(bytes + "z") == [event, .key("z")])
  }

  @Test func mouse() {
    let at = Point(x: 11, y: 4)
    #expect(decode("\u{1B}[<0;12;5M") == [.mouse(Mouse(.press(.left), at: at))])
    #expect(decode("\u{1B}[<0;12;5m") == [.mouse(Mouse(.release, at: at))])
    #expect(decode("\u{1B}[<34;12;5M") == [.mouse(Mouse(.drag(.right), at: at))])
    #expect(decode("\u{1B}[<80;12;5M") == [.mouse(Mouse(.scrollUp, at: at, modifiers: .control))])
    #expect(decode("\u{1B}[M\u{20}\u{2C}\u{25}x") == [.mouse(Mouse(.press(.left), at: at)), .key("x")])
    #expect(decode("\u{1B}[<0;0;5Mx\u{1B}[<256;1;1My\u{1B}[<1;2Mz") == [.key("x"), .key("y"), .key("z")])
  }

  @Test func paste() {
    #expect(decode("\u{1B}[200~a\r\nb\rc\nd\u{1B}[201~e") == [.paste("a\nb\nc\nd"), .key("e")])
    #expect(decode("\u{1B}[200~x\u{1B}[31my\u{1B}\u{1B}[201~") == [.paste("x[31my")])
    #expect(decode("\u{1B}[200~\u{1B}[201~") == [.paste("")])
    #expect(decode(Array("\u{1B}[200~a".utf8) + [0xFF] + Array("\u{1B}[201~".utf8)) == [.paste("a\u{FFFD}")])
  }

  @Test func largePastesAreQuick() {
    let text = String(repeating: "abc 日本\n", count: 200_000)
    #expect(decode("\u{1B}[200~" + text + "\u{1B}[201~") == [.paste(text)])
  }

  @Test func aPasteWithoutItsEndEndsBySilence() {
    var decoder = InputDecoder()
    #expect(decoder.decode("\u{1B}[200~hel\u{3}lo\rx".utf8) == [])
    #expect(decoder.patience == InputDecoder.pasteDelay)
    #expect(decoder.flush() == [.paste("hello\nx")])
    #expect(decoder.patience == nil)
    #expect(decoder.decode("a\u{1B}[201~b".utf8) == [.key("a"), .key("b")])
    #expect(decoder.decode("\u{1B}[200~new\u{1B}[201~".utf8) == [.paste("new")])
  }

  /// ^C that nothing follows ends it; within a text it is a part of it, and never lets the rest be keys.
  @Test func aPasteWithoutItsEndEndsByInterrupt() {
    var decoder = InputDecoder()
    #expect(decoder.decode("\u{1B}[200~hello\u{3}".utf8) == [])
    #expect(decoder.patience == InputDecoder.escapeDelay)
    #expect(decoder.flush() == [.paste("hello"), .key("c", .control)])
    #expect(decoder.decode("x".utf8) == [.key("x")])
    #expect(decoder.decode("\u{1B}[200~one\u{3}\r/quit\r\u{1B}[201~".utf8) == [.paste("one\n/quit\n")])
  }

  @Test func aPasteIsBounded() {
    let most = String(repeating: "a", count: InputDecoder.maximalPaste)
    var decoder = InputDecoder()
    #expect(decoder.decode("\u{1B}[200~\(most)\r/quit\r".utf8) == [.paste(most), .pasteTooLong])
    #expect(decoder.patience == InputDecoder.pasteDelay)
    #expect(decoder.decode("more\u{1B}[201~x".utf8) == [.key("x")])
    #expect(decoder.patience == nil)
    #expect(decoder.decode("\u{1B}[200~\(most)b\u{3}".utf8) == [.paste(most), .pasteTooLong])
    #expect(decoder.flush() == [.key("c", .control)])
  }

  @Test func loneEscape() {
    var decoder = InputDecoder()
    #expect(decoder.decode([0x1B]) == [])
    #expect(decoder.patience == InputDecoder.escapeDelay)
    #expect(decoder.flush() == [.key(.escape)])
    #expect(decoder.patience == nil)
    #expect(decoder.flush() == [])
    #expect(decoder.decode("[A".utf8) == [.key("["), .key("A")])
    #expect(decoder.decode([0x1B, 0x1B]) == [.key(.escape)])
    #expect(decoder.flush() == [.key(.escape)])
    for (byte, key) in [("[", "["), ("O", "O"), ("]", "]"), ("P", "P")] as [(String, Key)] {
      #expect(decoder.decode("\u{1B}\(byte)".utf8) == [])
      #expect(decoder.patience == InputDecoder.escapeDelay)
      #expect(decoder.flush() == [.key(key, .alt)])
    }
    // A sequence that has really begun is not torn apart by a slow line.
    #expect(decoder.decode("\u{1B}[1;".utf8) == [])
    #expect(decoder.flush() == [])
    #expect(decoder.decode("5A".utf8) == [.key(.up, .control)])
  }

  @Test func invalidUTF8() {
    let bad = InputEvent.key("\u{FFFD}")
    #expect(decode([0x80, 0x61]) == [bad, .key("a")])
    #expect(decode([0xC3, 0x61]) == [bad, .key("a")])
    #expect(decode([0xE2, 0x82, 0x1B, 0x5B, 0x41]) == [bad, .key(.up)])
    #expect(decode([0xC0, 0xAF]) == [bad, bad])
    #expect(decode([0xED, 0xA0, 0x80]) == [bad, bad, bad])
    #expect(decode([0xF4, 0x90, 0x80, 0x80]) == [bad, bad, bad, bad])
    #expect(decode([0xC2, 0x9B, 0x41]) == [.key("A")])
  }

  /// The colour of the background, as terminals write it, however it is cut; no byte of it becomes a key.
  @Test(arguments: [
    ("rgb:1c1c/2b2b/ffff", 0x1C2BFF), ("rgb:1c/2b/ff", 0x1C2BFF), ("rgb:f/0/8", 0xFF0088),
    ("rgba:1c1c/2b2b/ffff/0000", 0x1C2BFF), ("#1c2bff", 0x1C2BFF),
  ])
  func theBackgroundIsRead(_ text: String, rgb: Int) {
    let color = RGB(red: UInt8(rgb >> 16), green: UInt8(rgb >> 8 & 255), blue: UInt8(rgb & 255))
    for end in ["\u{7}", "\u{1B}\\"] {
      let bytes = Array("a\u{1B}]11;\(text)\(end)b".utf8)
      for cut in bytes.indices {
        var decoder = InputDecoder()
        let events = decoder.decode(bytes[..<cut]) + decoder.decode(bytes[cut...])
        #expect(events == [.key("a"), .background(color), .key("b")])
      }
    }
  }

  @Test(arguments: [
    "11;", "11;rgb:1/2", "11;rgb:x/y/z", "11;rgb:11111/2/3", "11;#12", "10;rgb:1/2/3", "11;?",
  ])
  func otherAnswersAreNone(_ text: String) {
    var decoder = InputDecoder()
    #expect(decoder.decode("\u{1B}]\(text)\u{7}".utf8) == [])
  }

  @Test func answersNobodyAskedForAreSwallowed() {
    #expect(decode("\u{1B}]10;rgb:00/00/00\u{7}a") == [.key("a")])
    #expect(decode("\u{1B}P1$r0m\u{1B}\\a") == [.key("a")])
    #expect(decode("\u{1B}]typed\rb") == [.key(.enter), .key("b")])
    #expect(decode("\u{1B}[?1;2ca\u{1B}[99~b") == [.key("a"), .key("b")])
    #expect(decode("\u{1B}[999999999999999999;1Aa\u{1B}[\u{3}") == [.key("a"), .key("c", .control)])
  }

  /// However a stream is cut into reads, the events are the same; and random bytes never crash.
  @Test func splitsMakeNoDifference() {
    var generator = SplitMix(seed: 11)
    let pieces = [
      "a", "é", "日", "👍", "\u{1B}[A", "\u{1B}OP", "\u{1B}[1;5C", "\u{1B}[<0;12;5M",
      "\u{1B}[200~x\ry\u{1B}[201~",
      "\u{1B}x", "\r", "\u{3}", "\u{1B}[[A", "\u{1B}]0;t\u{7}", "\u{1B}[M !!", "\u{1B}", "\u{1B}[",
      "\u{1B}[13;2u",
    ].map { Array($0.utf8) }
    for round in 0..<400 {
      var stream: [UInt8] = []
      for _ in 0..<20 {
        stream +=
          Int.random(in: 0..<8, using: &generator) == 0
          ? [UInt8.random(in: 0...255, using: &generator)] : pieces.randomElement(using: &generator)!
      }
      let whole = decode(stream)
      var decoder = InputDecoder()
      var parts: [InputEvent] = []
      var rest = stream[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...5, using: &generator)
        parts += decoder.decode(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
      #expect(parts == whole, "round \(round)")
    }
  }
}
