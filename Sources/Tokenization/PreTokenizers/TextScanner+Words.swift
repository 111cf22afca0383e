/// The patterns that cut text into words, spelled out in ``SplitPattern``. Each returns where the match
/// that begins at the position ends, or the position itself where there is none.
extension TextScanner {
  func gpt2(_ position: Int) -> Int {
    let contraction = contraction(position, anyCase: false)
    if contraction > position { return contraction }
    let start = byte(at: position) == UInt8(ascii: " ") ? position + 1 : position
    let (kind, next) = character(at: start)
    if start < end, !kind.meets(.whitespace) {
      if kind.meets(.letter) { return run(from: next, of: .letter) }
      if kind.meets(.number) { return run(from: next, of: .number) }
      return run(from: next, of: [.letter, .number, .whitespace], inverted: true)
    }
    return whitespace(position, newlines: false)
  }

  func llama3(_ position: Int, digits: Int, marks: Bool, endings: Bool) -> Int {
    let letters: CharacterClass = marks ? [.letter, .mark] : .letter
    let contraction = contraction(position, anyCase: true)
    if contraction > position { return contraction }
    let (kind, next) = character(at: position)
    if kind.meets(letters) { return run(from: next, of: letters) }
    if kind.meets(.number) { return numbers(position, most: digits) }
    if !kind.meets(.newline) {
      let word = run(from: next, of: letters)
      if word > next { return word }
    }
    let symbols = symbols(position, except: letters.union(.number), endings: endings)
    return symbols > position ? symbols : whitespace(position, newlines: true)
  }

  func cased(_ position: Int, digits: Int, contractions: Bool) -> Int {
    for match in [capitalsThenSmall, capitals] {
      let word = afterPrefix(position, match)
      if word > position { return contractions ? contraction(word, anyCase: true) : word }
    }
    let numbers = numbers(position, most: digits)
    if numbers > position { return numbers }
    let symbols = symbols(position, except: [.letter, .number], slashes: true)
    return symbols > position ? symbols : whitespace(position, newlines: true)
  }

  func deepseekV3(_ position: Int) -> Int {
    let (kind, next) = character(at: position)
    if bytes[position] < 0x80, kind.meets([.punctuation, .symbol]) {
      var word = next
      while let byte = byte(at: word), (0x61...0x7A).contains(byte | 0x20) { word += 1 }
      if word > next { return word }
    }
    if kind.meets([.letter, .mark]) { return run(from: next, of: [.letter, .mark]) }
    if !kind.meets([.newline, .punctuation, .symbol]) {
      let word = run(from: next, of: [.letter, .mark])
      if word > next { return word }
    }
    let start = bytes[position] == UInt8(ascii: " ") ? next : position
    var stop = run(from: start, of: [.punctuation, .symbol])
    if stop > start {
      while byte(at: stop) == 0x0A || byte(at: stop) == 0x0D { stop += 1 }
      return stop
    }
    return whitespace(position, newlines: true)
  }

  /// `[^\r\n\p{L}\p{N}]?X`, where `match` matches X.
  private func afterPrefix(_ position: Int, _ match: (Int) -> Int) -> Int {
    let (kind, next) = character(at: position)
    if !kind.meets([.newline, .letter, .number]) {
      let word = match(next)
      if word > next { return word }
    }
    return match(position)
  }

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`. The sets overlap in letters without case
  /// and marks: where no small letter follows the capitals, the second part takes the last such scalar.
  private func capitalsThenSmall(_ position: Int) -> Int {
    var stop = position
    var afterCaseless = position
    while stop < end {
      let (kind, next) = character(at: stop)
      guard kind.meets(.upper) else { break }
      if kind.meets(.lower) { afterCaseless = next }
      stop = next
    }
    let small = run(from: stop, of: .lower)
    return small > stop ? small : afterCaseless
  }

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
  private func capitals(_ position: Int) -> Int {
    let stop = run(from: position, of: .upper)
    return stop > position ? run(from: stop, of: .lower) : position
  }
}
