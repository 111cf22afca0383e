import IO
import Sessions
import Terminal

/// The two answers that are compared, as far as they have come.
struct ComparedAnswers: Equatable {
  var first: Part
  var second: Part
  /// Whether the second is still being written.
  var isOpen: Bool

  struct Part: Equatable {
    var text: String
    var tokenIDs: [Int]
    /// Decode speed; nil before there is one.
    var rate: Double?
  }

  /// nil if nothing is compared.
  init?(_ state: AppState) {
    let conversation = state.session.conversation
    func part(_ id: Int) -> Part? {
      conversation[id].map {
        Part(text: $0.content, tokenIDs: $0.answer?.tokenIDs ?? [], rate: state.decodeRate(of: $0))
      }
    }
    guard let comparison = state.comparison, let first = part(comparison.first),
      let second = part(comparison.second)
    else { return nil }
    (self.first, self.second) = (first, second)
    isOpen = comparison.second == state.answering
  }
}

/// The parts that two answers have in common, and where they part.
struct ComparisonFigures {
  let first: ComparedText
  let second: ComparedText
  /// For each word of the second, whether the first lacks it.
  let changed: [Bool]
  /// The word of the second in which the answers part.
  let splitWord: Int?
  /// The first token that differs, counted from 0; nil while there is none.
  let splitToken: Int?
  /// Decode speed of the second over that of the first.
  let speedRatio: Double?
  private let isOver: Bool

  /// Characters of very long answers that are compared; enough to fill the pane many times.
  static let shownCharacters = 20_000

  init(_ answers: ComparedAnswers) {
    first = ComparedText(answers.first.text)
    second = ComparedText(answers.second.text)
    isOver = !answers.isOpen
    let (tokensA, tokensB) = (answers.first.tokenIDs, answers.second.tokenIDs)
    let common = zip(tokensA, tokensB).prefix { $0 == $1 }.count
    // An answer that stops earlier parts there too, once it has stopped.
    let isPrefix = common == tokensB.count && (!isOver || common == tokensA.count)
    splitToken = isPrefix ? nil : common
    splitWord = splitToken == nil ? nil : second.word(afterCommonPrefixWith: first)
    changed = WordDifference.changed(second.wordTexts, from: first.wordTexts)
    if let rateA = answers.first.rate, let rateB = answers.second.rate, rateA > 0 {
      speedRatio = rateB / rateA
    } else {
      speedRatio = nil
    }
  }

  /// `splits at token 7 · 12 of 40 words differ · 1.24× faster`.
  var summary: Line {
    var parts: [Span] = []
    if let splitToken {
      parts.append(Span("splits at token \(splitToken)", .strong))
      let count = changed.count { $0 }
      parts.append(Span("\(count) of \(changed.count) words differ", .faint))
    } else {
      parts.append(isOver ? Span("the same answer", .strong) : Span("the same so far", .faint))
    }
    if let speedRatio, speedRatio.isFinite, speedRatio > 0 {
      let isFaster = speedRatio >= 1
      let factor = Figures.fixed(isFaster ? speedRatio : 1 / speedRatio, 2)
      parts.append(
        factor == "1.00"
          ? Span("same speed", .faint) : Span("\(factor)× \(isFaster ? "faster" : "slower")", .strong))
    }
    return Line(parts.map { [$0] }.joined(separator: [Span(" · ", .faint)]))
  }
}

/// An answer as words.
struct ComparedText {
  let text: String
  let words: [Range<String.Index>]

  init(_ content: String) {
    text = String(content.prefix(ComparisonFigures.shownCharacters)).sanitized
    words = WordDifference.words(text)
  }

  var wordTexts: [Substring] { words.map { text[$0] } }

  /// The word in which the text leaves `other`.
  func word(afterCommonPrefixWith other: ComparedText) -> Int? {
    let split = zip(text.indices, zip(text, other.text)).first { $1.0 != $1.1 }?.0
    return split.flatMap { split in words.firstIndex { $0.upperBound > split } }
  }

  /// The text with its changed words and the split marked.
  func marked(changed: [Bool], split: Int?) -> Line {
    var line: Line = []
    var position = text.startIndex
    for (index, word) in words.enumerated()
    where changed.indices.contains(index) && changed[index] || index == split {
      if position < word.lowerBound { line.append(Span(String(text[position..<word.lowerBound]))) }
      line.append(Span(String(text[word]), index == split ? .split : .changed))
      position = word.upperBound
    }
    if position < text.endIndex { line.append(Span(String(text[position...]))) }
    return line
  }
}
