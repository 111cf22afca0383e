import Analysis
import Inference

/// What was computed for a replay so far.
public struct ReplayReport: AnalysisReport {
  /// By the id of the answer.
  var answers: [Int: RecordedAnswer] = [:]

  /// Nothing yet.
  public init() {}

  /// Adds what another model gave.
  public mutating func add(_ other: ReplayReport) { answers.merge(other.answers) { $1 } }
}

/// What was computed of an answer.
struct RecordedAnswer: Sendable {
  /// Layers of the model.
  var layers: Int
  /// The text of each token; nil where the text is not made of them.
  var pieces: [String]?
  /// The part of the answer that each belongs to.
  var parts: [AnswerPart] = []
  var segments: [Segment] = []
  /// From the first answer to the same prompt; nil for that one, and where a plan changed on the way.
  var divergence: AnswerDivergence?
  /// Why there is no more.
  var note: String?

  /// A stretch of an answer under one plan.
  struct Segment: Sendable {
    /// The number of the answer's tokens before it.
    var from: Int
    var plan: Plan
    /// Tokens before the answer.
    var prompt: Int
    /// The position of the first column of maps over tokens.
    var first: Int
    /// The tokens from there on, as a line shows them.
    var labels: [String]
    var maps: [HeatmapRecord]
  }
}
