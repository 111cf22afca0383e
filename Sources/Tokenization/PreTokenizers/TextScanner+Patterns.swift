/// The building blocks of the patterns. Each takes a position and returns where its match ends, or the
/// position itself where it does not match.
extension TextScanner {
  /// The end of the run of scalars of a set.
  func run(from position: Int, in ranges: ScalarRanges) -> Int {
    var position = position
    while position < end {
      let (value, next) = scalar(at: position)
      if !ranges.contains(value) { break }
      position = next
    }
    return position
  }

  /// `\s?X+`, where `run` matches `X+`.
  func afterSpace(_ position: Int, _ run: (TextScanner, Int) -> Int) -> Int {
    let (kind, next) = character(at: position)
    if kind.meets(.whitespace) {
      let stop = run(self, next)
      if stop > next { return stop }
    }
    return run(self, position)
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`, in either case with `anyCase`.
  func contraction(_ position: Int, anyCase: Bool) -> Int {
    guard byte(at: position) == UInt8(ascii: "'"), var first = byte(at: position + 1) else { return position }
    var second = byte(at: position + 2) ?? 0
    if anyCase {
      first |= 0x20
      second |= 0x20
    }
    switch (first, second) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return position + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return position + 3
    default: return position
    }
  }

  /// `\p{N}{1,most}`
  func numbers(_ position: Int, most: Int) -> Int {
    var position = position
    var count = 0
    while count < most {
      let (kind, next) = character(at: position)
      guard kind.meets(.number) else { break }
      position = next
      count += 1
    }
    return position
  }

  /// ` ?X+` and then, if `endings`, `[\r\n]*`, with slashes if `slashes`; X is all but white space and
  /// `others`.
  @inline(__always)
  func symbols(
    _ position: Int, except others: CharacterClass, slashes: Bool = false, endings: Bool = true
  ) -> Int {
    let start = byte(at: position) == UInt8(ascii: " ") ? position + 1 : position
    var stop = run(from: start, of: others.union(.whitespace), inverted: true)
    guard stop > start else { return position }
    while endings, let next = byte(at: stop),
      next == 0x0A || next == 0x0D || slashes && next == UInt8(ascii: "/")
    {
      stop += 1
    }
    return stop
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`, without the first part if not `newlines`.
  func whitespace(_ position: Int, newlines: Bool) -> Int {
    var stop = position
    var last = position
    var afterNewline = position
    while stop < end {
      let (kind, next) = character(at: stop)
      guard kind.meets(.whitespace) else { break }
      if kind.meets(.newline) { afterNewline = next }
      last = stop
      stop = next
    }
    if newlines, afterNewline > position { return afterNewline }
    // The last white space before a word belongs to the word.
    return stop < end && last > position ? last : stop
  }

  /// `\s+$`
  func trailingWhitespace(_ position: Int) -> Int {
    // Inside a run of white space the answer is that of its first, which was no: do not look for the end of
    // a long run from each of its positions.
    if position > start, character(at: before(position)).kind.meets(.whitespace) { return position }
    let stop = run(from: position, of: .whitespace)
    return stop == end ? stop : position
  }

  private func before(_ position: Int) -> Int {
    var position = position - 1
    while bytes[position] & 0xC0 == 0x80 { position -= 1 }
    return position
  }

  /// `[\p{P}$+<=>^~|]+`, with the grave accent added if `grave`.
  func punctuation(_ position: Int, grave: Bool) -> Int {
    var position = position
    while let byte = byte(at: position) {
      let (kind, next) = character(at: position)
      // The ASCII symbols are just the listed ones and the grave accent.
      let listed = byte < 0x80 && kind.meets(.symbol) && (grave || byte != UInt8(ascii: "`"))
      guard listed || kind.meets(.punctuation) else { break }
      position = next
    }
    return position
  }
}
