import Analysis
import IO
import Inference
import Sessions
import Terminal

/// The two answers that are compared, as far as they have come.
struct ComparedAnswers: Equatable {
  var first: Part
  var second: Part
  /// Whether the second is still being written.
  var isOpen: Bool
  /// What the plans say of both texts; nil while nothing is known.
  var report: PairReport?
  /// Why no more is known.
  var obstacle: Comparison.Obstacle?
  /// Speeds in turns.
  var turns: SpeedTurns?

  struct Part: Equatable {
    var text: String
    var tokenIDs: [Int]
    /// Decode speeds of this answer and of the others to the same prompt that were made in the same way.
    var rates: [Double]
    /// The first token that only repeats what is before it, where the answer ends so.
    var loop: Int?
    /// Nil where nothing was thought.
    var thought: Thought?
  }

  /// The thought before an answer.
  struct Thought: Equatable {
    /// The line that stands for it, from its longest form to its shortest.
    var lines: [Line]
    /// What was thought, where it is shown.
    var text: String?
    var figures: ThoughtStatistics?
  }

  /// nil if nothing is compared.
  init?(_ state: AppState) {
    let conversation = state.session.conversation
    let unfolds = state.comparison?.unfoldsThoughts ?? false
    func part(_ id: Int) -> Part? {
      conversation[id].map { node in
        let alike = node.parent.map { conversation.answers(to: $0) } ?? []
        return Part(
          text: node.content, tokenIDs: node.answer?.tokenIDs ?? [],
          rates: alike.filter { $0.answer?.maker == node.answer?.maker }.compactMap {
            state.decodeRate(of: $0)
          }, loop: node.answer?.statistics?.loop?.from,
          thought: node.reasoning.isEmpty
            ? nil
            : Thought(
              lines: state.thoughtLines(of: node, isUnfolded: unfolds), text: unfolds ? node.reasoning : nil,
              figures: state.thoughtFigures(of: node)))
      }
    }
    guard let comparison = state.comparison, let first = part(comparison.first),
      let second = part(comparison.second)
    else { return nil }
    (self.first, self.second) = (first, second)
    isOpen = comparison.second == state.answering
    report = state.pairs.report(comparison.pair)
    obstacle = comparison.obstacle
    turns = state.pairs.turns(comparison.pair)
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
  /// The first token that differs, counted from 0 and without thoughts; nil while there is none.
  let splitToken: Int?
  private let thoughts: (first: ComparedAnswers.Thought?, second: ComparedAnswers.Thought?)
  private let rates, otherRates: [Double]
  private let isOver: Bool
  private let loop, otherLoop: Int?
  private let lengths: String?
  private let report: PairReport?
  private let obstacle: Comparison.Obstacle?
  private let turns: SpeedTurns?

  /// Characters of very long answers that are compared; enough to fill the pane many times.
  static let shownCharacters = 20_000

  init(_ answers: ComparedAnswers) {
    first = ComparedText(answers.first.text)
    second = ComparedText(answers.second.text)
    isOver = !answers.isOpen
    thoughts = (answers.first.thought, answers.second.thought)
    let tokensA = answers.first.contentIDs, tokensB = answers.second.contentIDs
    let common = zip(tokensA, tokensB).prefix { $0 == $1 }.count
    // An answer that stops earlier parts there too, once it has stopped.
    let isPrefix = common == tokensB.count && (!isOver || common == tokensA.count)
    splitToken = isPrefix ? nil : common
    splitWord = splitToken == nil ? nil : second.word(afterCommonPrefixWith: first)
    changed = WordDifference.changed(second.wordTexts, from: first.wordTexts)
    (rates, otherRates) = (answers.first.rates, answers.second.rates)
    (loop, otherLoop) = (answers.first.loop, answers.second.loop)
    lengths = isOver ? Verdict.lengths(tokensA.count, tokensB.count) : nil
    (report, obstacle, turns) = (answers.report, answers.obstacle, answers.turns)
  }

  /// `splits at token 7 · 12 of 40 words differ · 138 → 171 tok/s once`.
  var summary: Line {
    var parts: [Span] = []
    if let splitToken {
      parts.append(Span("splits at token \(splitToken)", .strong))
      let count = changed.count { $0 }
      parts.append(Span("\(count) of \(changed.count) words differ", .faint))
    } else {
      parts.append(isOver ? Span("the same answer", .strong) : Span("the same so far", .faint))
    }
    // A plan under which answers loop is worse than its other figures say.
    for (name, loop) in [("A", loop), ("B", otherLoop)] {
      if let loop { parts.append(Span(Verdict.loop(name, from: loop), .warning)) }
    }
    if let lengths { parts.append(Span(lengths, .warning)) }
    parts += thoughtParts + predictionParts
    if let speed = turns.flatMap({ Verdict.speed($0) }) {
      parts.append(Span(speed, turns?.isClear == true ? .strong : .faint))
    } else if let speed {
      parts.append(speed)
    }
    return Line(parts.map { [$0] }.joined(separator: [Span(" · ", .faint)]))
  }

  /// `B predicts much as A does`, `KL 0.071 (A's text 0.065, B's 0.078)`, `same top 91 %`.
  private var predictionParts: [Span] {
    switch obstacle {
    case .stopped: return [Span("KL: stopped, d goes on", .faint)]
    case .failed(let message): return [Span("no KL: \(message.sanitized)", .faint)]
    case nil: break
    }
    guard let report else { return [] }
    guard report.isWhole, let means = report.means else {
      return [Span("KL \(Int(nearest: (100 * report.fraction).rounded(.down))) %", .faint)]
    }
    let texts = [report.first, report.second].map { Figures.kl($0.divergence.meanKL ?? 0) }
    return [
      Span(means.nearness.words(), means.nearness == .notANumber ? .error : .strong),
      Span("KL \(Figures.kl(means.kl)) (A's text \(texts[0]), B's \(texts[1]))"),
      Span("same top \(Figures.fixed(100 * means.sameTop, 0)) %", .faint),
    ]
  }

  /// `thoughts 340 tokens → 212 tokens`, `answers after 12 → 7.9 s`.
  private var thoughtParts: [Span] {
    guard thoughts.first != nil || thoughts.second != nil else { return [] }
    func tokens(_ thought: ComparedAnswers.Thought?) -> String {
      thought == nil ? "none" : thought?.figures.map { "\(Figures.grouped($0.tokens)) tokens" } ?? "–"
    }
    var parts = [Span("thoughts \(tokens(thoughts.first)) → \(tokens(thoughts.second))", .strong)]
    if let first = thoughts.first?.figures?.firstContentSeconds,
      let second = thoughts.second?.figures?.firstContentSeconds
    {
      parts.append(Span("answers after \(Figures.seconds(first)) → \(Figures.seconds(second))", .faint))
    }
    return parts
  }

  /// Runs of either side before one is called faster. All of four are above all of another four by chance in
  /// three of a hundred cases; of one run each, in all of them.
  private static let neededRuns = 4

  /// What the decode speeds tell.
  private var speed: Span? {
    guard let first = rates.median, let second = otherRates.median else { return nil }
    let runs =
      rates.count == otherRates.count
      ? "\(rates.count) runs each" : "\(rates.count) and \(otherRates.count) runs"
    guard min(rates.count, otherRates.count) >= Self.neededRuns else {
      let isOnce = rates.count + otherRates.count == 2
      let speeds = "\(Figures.rate(first)) → \(Figures.rate(second)) tok/s"
      return Span(speeds + (isOnce ? " once" : ", \(runs)"), .faint)
    }
    if otherRates.min()! > rates.max()! {
      return Span("\(Figures.fixed(second / first, 2))× faster (\(runs))", .strong)
    }
    if otherRates.max()! < rates.min()! {
      return Span("\(Figures.fixed(first / second, 2))× slower (\(runs))", .strong)
    }
    return Span("speeds overlap (\(runs))", .faint)
  }
}

extension ComparedAnswers.Part {
  /// The tokens of the answer itself, as far as that is known.
  fileprivate var contentIDs: ArraySlice<Int> { tokenIDs.dropFirst(thought?.figures?.tokens ?? 0) }
}

extension Answer {
  /// What the speed of an answer depends on, but for chance.
  fileprivate var maker: [AnyHashable] { [model, plan] + planChanges.map(\.plan) }
}

extension [Double] {
  fileprivate var median: Double? {
    isEmpty ? nil : (sorted()[(count - 1) / 2] + sorted()[count / 2]) / 2
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
