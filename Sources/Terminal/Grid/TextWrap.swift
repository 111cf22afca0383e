extension StringProtocol where SubSequence == Substring {
  /// The lines of the text when it may be `width` cells wide.
  ///
  /// Breaks at spaces (which then belong to neither line), between ideographs, and inside words that are
  /// longer than a line; keeps indentation. Lines are slices, so a caller can find each one's place in the
  /// text. Empty text is one empty line.
  public func wrapped(width: Int) -> [SubSequence] {
    var lines: [SubSequence] = []
    var paragraph = startIndex
    while true {
      let end = unicodeScalars[paragraph...].firstIndex(of: "\n") ?? endIndex
      wrapParagraph(self[paragraph..<end], width: Swift.max(1, width), into: &lines)
      if end == endIndex { return lines }
      paragraph = unicodeScalars.index(after: end)
    }
  }

  private func wrapParagraph(_ text: SubSequence, width: Int, into lines: inout [SubSequence]) {
    var lineStart = text.startIndex
    var scanner = GlyphScanner(text)
    var column = 0
    /// A place where the line may end, and the start of the next line.
    var opportunity: (end: String.Index, next: String.Index)?
    var isIndentation = true
    var previous: Glyph?

    func breakLine(at end: String.Index, next: String.Index) {
      lines.append(text[lineStart..<end])
      lineStart = next
      scanner = GlyphScanner(text[next...])
      column = 0
      opportunity = nil
      previous = nil
      isIndentation = false
    }

    while let glyph = scanner.next(column: column) {
      let isSpace = glyph.base == " " || glyph.base == "\t"
      if isSpace && !isIndentation {
        let end = previous.map(\.isBreakableSpace) == true ? opportunity?.end ?? glyph.start : glyph.start
        opportunity = (end, scanner.position)
        column += glyph.width
        previous = glyph
        continue  // spaces hang over the edge
      }
      if !isSpace { isIndentation = false }
      if let previous, glyph.mayStartLine(after: previous) { opportunity = (glyph.start, glyph.start) }
      if column + glyph.width > width, glyph.start > lineStart {
        let place = opportunity ?? (glyph.start, glyph.start)
        breakLine(at: place.end, next: place.next)
        continue
      }
      column += glyph.width
      previous = glyph
    }
    lines.append(text[lineStart...])
  }
}

extension Glyph {
  fileprivate var isBreakableSpace: Bool { base == " " || base == "\t" }

  /// Whether a line may break between two glyphs without a space: next to an ideograph, but not before
  /// closing punctuation nor after opening punctuation.
  fileprivate func mayStartLine(after previous: Glyph) -> Bool {
    guard isIdeographic || previous.isIdeographic, !previous.isBreakableSpace else { return false }
    return !Self.closing.contains(base) && !Self.opening.contains(previous.base)
  }

  /// Korean is left out: it puts spaces between words.
  private var isIdeographic: Bool {
    width == 2 && (0x2E80...0x3FFFD).contains(base.value) && !(0xAC00...0xD7A3).contains(base.value)
  }

  private static let closing = Set("、。，．・：；？！）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.!?;:)]}…".unicodeScalars)
  private static let opening = Set("（「『【〈《〔［｛([{".unicodeScalars)
}
