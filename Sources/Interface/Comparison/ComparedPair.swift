import Analysis
import Inference

/// Two answers of a session that are compared: their nodes in the conversation.
struct ComparedPair: Sendable, Hashable {
  /// A.
  var first: Int
  /// B.
  var second: Int
}

/// What two plans say of the answers that were given under them.
struct PairReport: AnalysisReport, Equatable {
  var pair: ComparedPair
  /// The text of A, and that of B.
  var first, second: ScoredText

  var isWhole: Bool { first.divergence.isWhole && second.divergence.isWhole }
  /// The share that is computed, 0…1.
  var fraction: Double {
    let texts = [first, second].map(\.divergence)
    return Double(texts.reduce(0) { $0 + $1.tokens.count })
      / Double(max(1, texts.reduce(0) { $0 + $1.answer.count }))
  }
  var means: Verdict.Means? { Verdict.Means(first.divergence, second.divergence) }

  subscript(side: Side) -> ScoredText {
    get { side == .first ? first : second }
    set { if side == .first { first = newValue } else { second = newValue } }
  }

  /// One of the two answers.
  enum Side: Sendable, Hashable {
    case first, second
    var other: Side { self == .first ? .second : .first }
    var name: String { self == .first ? "A" : "B" }
  }
}

/// Speeds of the plans of two answers, in turns.
struct PairSpeeds: AnalysisReport, Equatable {
  var pair: ComparedPair
  var turns: SpeedTurns
}

/// What is known of pairs of answers in this run of the program.
struct ComparedPairs: Sendable, Equatable {
  private var reports: [ComparedPair: PairReport] = [:]
  private var speeds: [ComparedPair: PairSpeeds] = [:]
  /// The pairs, as they came.
  private var order: [ComparedPair] = []

  /// Pairs that are kept: of long answers each takes some hundred kilobytes.
  private static let most = 64

  func report(_ pair: ComparedPair) -> PairReport? { reports[pair] }
  func turns(_ pair: ComparedPair) -> SpeedTurns? { speeds[pair]?.turns }

  mutating func keep(_ report: PairReport) {
    reports[report.pair] = report
    note(report.pair)
  }

  mutating func keep(_ report: PairSpeeds) {
    speeds[report.pair] = report
    note(report.pair)
  }

  private mutating func note(_ pair: ComparedPair) {
    order.removeAll { $0 == pair }
    order.append(pair)
    guard order.count > Self.most else { return }
    let oldest = order.removeFirst()
    reports[oldest] = nil
    speeds[oldest] = nil
  }
}
