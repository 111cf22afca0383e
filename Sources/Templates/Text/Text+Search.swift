// Finding, splitting and replacing, with the results of Python's methods of the same names.

extension Text {
  /// Byte offset of the first occurrence of `pattern` at or after `start`, before `end`.
  func firstOffset(of pattern: Text, from start: Int = 0, to end: Int? = nil) -> Int? {
    let end = end ?? utf8.count
    guard start <= end else { return nil }
    return pattern.isEmpty ? start : occurrences(of: pattern, in: start..<end, limit: 1).first
  }

  /// Byte offsets of the occurrences of `pattern`, which is not empty, in a range: those that do not overlap,
  /// at most `limit`, left to right.
  func occurrences(of pattern: Text, in range: Range<Int>? = nil, limit: Int = .max) -> [Int] {
    var offsets: [Int] = []
    forEachOccurrence(of: pattern, in: range, limit: limit) { offsets.append($0) }
    return offsets
  }

  /// The number of ``occurrences(of:in:limit:)``.
  func occurrenceCount(of pattern: Text, in range: Range<Int>? = nil, limit: Int = .max) -> Int {
    var count = 0
    forEachOccurrence(of: pattern, in: range, limit: limit) { _ in count += 1 }
    return count
  }

  /// Knuth, Morris and Pratt's search: its time is linear whatever a hostile template searches for.
  private func forEachOccurrence(
    of pattern: Text, in range: Range<Int>?, limit: Int, _ body: (Int) -> Void
  ) {
    guard limit > 0 else { return }
    utf8.withUnsafeBufferPointer { text in
      pattern.utf8.withUnsafeBufferPointer { pattern in
        // borders[n]: the longest proper prefix of the pattern's first n + 1 bytes that also ends them.
        var borders = [Int](repeating: 0, count: pattern.count)
        var matched = 0
        for index in 1..<max(1, pattern.count) {
          while matched > 0, pattern[index] != pattern[matched] { matched = borders[matched - 1] }
          if pattern[index] == pattern[matched] { matched += 1 }
          borders[index] = matched
        }
        matched = 0
        var left = limit
        for index in range ?? text.indices {
          while matched > 0, text[index] != pattern[matched] { matched = borders[matched - 1] }
          if text[index] == pattern[matched] { matched += 1 }
          guard matched == pattern.count else { continue }
          body(index + 1 - matched)
          left -= 1
          if left == 0 { return }
          matched = 0
        }
      }
    }
  }

  /// Byte offset of the last occurrence of `pattern` between `start` and `end`.
  func lastOffset(of pattern: Text, from start: Int = 0, to end: Int? = nil) -> Int? {
    let end = end ?? utf8.count
    if pattern.isEmpty { return start <= end ? end : nil }
    guard start <= end else { return nil }
    return self[start..<end].occurrencesFromRight(of: pattern, limit: 1).first.map { $0 + start }
  }

  func contains(_ pattern: Text) -> Bool { firstOffset(of: pattern) != nil }
  func hasPrefix(_ prefix: Text) -> Bool { utf8.starts(with: prefix.utf8) }
  func hasSuffix(_ suffix: Text) -> Bool {
    utf8.count >= suffix.utf8.count && utf8.suffix(suffix.count) == suffix.utf8[...]
  }

  /// Occurrences that do not overlap, at most `limit`, right to left. `pattern` is not empty.
  ///
  /// Searches the reversed bytes, which keeps the time linear even where occurrences overlap.
  func occurrencesFromRight(of pattern: Text, limit: Int = .max) -> [Int] {
    let reversed = Text(utf8: utf8.reversed(), isContent: false)
    let reversedPattern = Text(utf8: pattern.utf8.reversed(), isContent: false)
    return reversed.occurrences(of: reversedPattern, limit: limit).map { count - $0 - pattern.count }
  }

  /// How many times `str.replace` puts something in place of `old`. `limit` < 0: every time. An empty `old` is
  /// before every scalar and at the end.
  func replacementCount(of old: Text, limit: Int = -1) -> Int {
    let limit = limit < 0 ? Int.max : limit
    return old.isEmpty ? min(scalarCount + 1, limit) : occurrenceCount(of: old, limit: limit)
  }

  /// The text with `new` in place of `old`, `count` times from the left.
  func replacing(_ old: Text, with new: Text, count: Int) -> Text {
    let offsets =
      old.isEmpty
      ? Array((utf8.indices.lazy.filter { utf8[$0] & 0xC0 != 0x80 } + [utf8.count]).prefix(count))
      : occurrences(of: old, limit: count)
    var result = Text()
    var position = 0
    for offset in offsets {
      result.append(self, range: position..<offset)
      result.append(new)
      position = offset + old.count
    }
    result.append(self, range: position..<utf8.count)
    return result
  }

  /// Splits at `separator`, which is not empty. `limit` < 0: all.
  func split(separator: Text, limit: Int = -1) -> [Text] {
    var pieces: [Text] = []
    var position = 0
    for offset in occurrences(of: separator, limit: limit < 0 ? .max : limit) {
      pieces.append(self[position..<offset])
      position = offset + separator.count
    }
    pieces.append(self[position..<utf8.count])
    return pieces
  }

  /// Splits at `separator`, which is not empty, from the right.
  func splitFromRight(separator: Text, limit: Int = -1) -> [Text] {
    var pieces: [Text] = []
    var end = utf8.count
    for offset in occurrencesFromRight(of: separator, limit: limit < 0 ? .max : limit) {
      pieces.append(self[offset + separator.count..<end])
      end = offset
    }
    pieces.append(self[0..<end])
    return pieces.reversed()
  }

  /// Splits at runs of white space, without empty pieces. `limit` < 0: all.
  func splitAtWhitespace(limit: Int = -1) -> [Text] {
    var pieces: [Text] = []
    var start = firstOffset { !$0.isPythonSpace } ?? count
    while start < count {
      let isLast = limit >= 0 && pieces.count == limit
      let end = isLast ? count : firstOffset(from: start) { $0.isPythonSpace } ?? count
      pieces.append(self[start..<end])
      start = firstOffset(from: end) { !$0.isPythonSpace } ?? count
    }
    return pieces
  }

  /// Splits at runs of white space from the right. `limit` < 0: all.
  func splitAtWhitespaceFromRight(limit: Int = -1) -> [Text] {
    var pieces: [Text] = []
    var end = endOffset { $0.isPythonSpace }
    while end > 0 {
      let isLast = limit >= 0 && pieces.count == limit
      let start = isLast ? 0 : endOffset(from: end) { !$0.isPythonSpace }
      pieces.append(self[start..<end])
      end = endOffset(from: start) { $0.isPythonSpace }
    }
    return pieces.reversed()
  }

  /// The number of scalars that `matches`.
  func scalarCount(where matches: (Unicode.Scalar) -> Bool) -> Int {
    var count = 0, offset = 0
    while offset < utf8.count {
      if matches(scalar(at: offset)) { count += 1 }
      offset += scalarLength(at: offset)
    }
    return count
  }

  /// Lines with Python's line boundaries.
  func lines(keepingEnds: Bool = false) -> [Text] {
    var pieces: [Text] = []
    var start = 0
    var offset = 0
    while offset < utf8.count {
      let scalar = scalar(at: offset)
      var end = offset + scalarLength(at: offset)
      if scalar.isPythonLineBreak {
        if scalar == "\r", end < utf8.count, utf8[end] == UInt8(ascii: "\n") { end += 1 }
        pieces.append(self[start..<(keepingEnds ? end : offset)])
        start = end
      }
      offset = end
    }
    if start < utf8.count { pieces.append(self[start..<utf8.count]) }
    return pieces
  }

  /// Byte offset of the first scalar at or after `start` that `matches`.
  private func firstOffset(from start: Int = 0, where matches: (Unicode.Scalar) -> Bool) -> Int? {
    var offset = start
    while offset < utf8.count {
      if matches(scalar(at: offset)) { return offset }
      offset += scalarLength(at: offset)
    }
    return nil
  }

  /// Byte offset of the end that is left when scalars that `matches` holds for are taken off the end.
  private func endOffset(from end: Int? = nil, where matches: (Unicode.Scalar) -> Bool) -> Int {
    var end = end ?? utf8.count
    while end > 0 {
      let start = scalarStart(before: end)
      guard matches(scalar(at: start)) else { break }
      end = start
    }
    return end
  }

  func strippingStart(_ strips: (Unicode.Scalar) -> Bool) -> Text {
    self[(firstOffset { !strips($0) } ?? count)..<count]
  }

  func strippingEnd(_ strips: (Unicode.Scalar) -> Bool) -> Text {
    self[0..<endOffset(where: strips)]
  }
}

extension Unicode.Scalar {
  /// Whether it is white space to Python's `str.isspace` and the regular expression `\s`.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  /// Whether Python's `str.splitlines` breaks the line here.
  var isPythonLineBreak: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
