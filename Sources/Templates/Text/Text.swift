/// A string that knows which of its bytes came from outside the template.
///
/// Text that a person typed or a model produced is *content*; text of the template itself is *markup*. Every
/// operation of the interpreter keeps the distinction, so that a tokenizer can look for control tokens in
/// markup only. Two texts are equal when their bytes are equal: provenance takes no part in comparisons,
/// because a template must behave the same whatever is content.
///
/// Positions are byte offsets into UTF-8 unless a name says *scalars*; Python's strings, which templates are
/// written against, count scalars.
public struct Text: Sendable, Hashable {
  /// Always whole UTF-8 scalars.
  private(set) var utf8: [UInt8]
  /// Ascending, disjoint, not adjacent, not empty.
  private(set) var contentRanges: [Range<Int>]
  /// Made by the filters `safe` or `escape`. Jinja escapes for HTML what is added to such a text with `+`.
  var isHTML = false

  /// A text that is all content or all markup.
  public init(_ string: String = "", isContent: Bool = false) {
    self.init(utf8: Array(string.utf8), isContent: isContent)
  }

  init(utf8: [UInt8], isContent: Bool) {
    self.utf8 = utf8
    contentRanges = isContent && !utf8.isEmpty ? [0..<utf8.count] : []
  }

  /// The characters, without provenance.
  public var string: String { String(decoding: utf8, as: UTF8.self) }
  /// Whether there are no characters.
  public var isEmpty: Bool { utf8.isEmpty }
  /// Length in bytes.
  var count: Int { utf8.count }
  var hasContent: Bool { !contentRanges.isEmpty }

  /// The same characters, all of them content if `isContent`, else all markup.
  public func marked(isContent: Bool) -> Text { Text(utf8: utf8, isContent: isContent) }

  public static func == (left: Text, right: Text) -> Bool { left.utf8 == right.utf8 }
  public func hash(into hasher: inout Hasher) { hasher.combine(utf8) }
}

extension Text: ExpressibleByStringLiteral {
  /// A literal in the source is markup.
  public init(stringLiteral value: String) { self.init(value) }
}

// MARK: - Building

extension Text {
  mutating func append(_ other: Text) {
    isHTML = false
    let offset = utf8.count
    utf8.append(contentsOf: other.utf8)
    for range in other.contentRanges {
      appendContentRange(range.lowerBound + offset..<range.upperBound + offset)
    }
  }

  /// Appends the bytes `range` of another text, which begin and end at scalar boundaries.
  mutating func append(_ other: Text, range: Range<Int>) {
    let offset = utf8.count - range.lowerBound
    utf8.append(contentsOf: other.utf8[range])
    for content in other.contentRanges[other.firstContentRange(endingAfter: range.lowerBound)...] {
      guard content.lowerBound < range.upperBound else { break }
      let clipped = content.clamped(to: range)
      if !clipped.isEmpty { appendContentRange(clipped.lowerBound + offset..<clipped.upperBound + offset) }
    }
  }

  mutating func append(_ string: String, isContent: Bool) {
    let start = utf8.count
    utf8.append(contentsOf: string.utf8)
    if isContent, utf8.count > start { appendContentRange(start..<utf8.count) }
  }

  private mutating func appendContentRange(_ range: Range<Int>) {
    if let last = contentRanges.last, last.upperBound == range.lowerBound {
      contentRanges[contentRanges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      contentRanges.append(range)
    }
  }

  /// Text between byte offsets that lie on scalar boundaries.
  subscript(range: Range<Int>) -> Text {
    if range.lowerBound == 0, range.upperBound == utf8.count { return self }
    var result = Text()
    result.append(self, range: range)
    return result
  }

  func isContent(at offset: Int) -> Bool {
    let index = firstContentRange(endingAfter: offset)
    return index < contentRanges.count && contentRanges[index].contains(offset)
  }

  /// Binary search: hostile templates can make texts of very many runs.
  private func firstContentRange(endingAfter offset: Int) -> Int {
    var low = 0
    var high = contentRanges.count
    while low < high {
      let middle = (low + high) / 2
      if contentRanges[middle].upperBound > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  static func + (left: Text, right: Text) -> Text {
    var result = left
    result.append(right)
    return result
  }

  func joining(_ pieces: [Text]) -> Text {
    var result = Text()
    for (index, piece) in pieces.enumerated() {
      if index > 0 { result.append(self) }
      result.append(piece)
    }
    return result
  }

  func repeated(_ times: Int) -> Text {
    var result = Text()
    for _ in 0..<max(0, times) { result.append(self) }
    return result
  }
}

// MARK: - Segments

extension Text {
  /// The text as alternating runs of markup and content, none of them empty.
  var segments: [Segment] {
    var segments: [Segment] = []
    func add(_ range: Range<Int>, isContent: Bool) {
      guard !range.isEmpty else { return }
      segments.append(Segment(text: String(decoding: utf8[range], as: UTF8.self), isContent: isContent))
    }
    var position = 0
    for range in contentRanges {
      add(position..<range.lowerBound, isContent: false)
      add(range, isContent: true)
      position = range.upperBound
    }
    add(position..<utf8.count, isContent: false)
    return segments
  }
}
