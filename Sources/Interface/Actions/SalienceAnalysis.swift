import Analysis
import Inference
import Sessions

/// Measuring what each word before a token of an answer does for it.
struct SalienceRequest: AnalysisRequest {
  var conversation: Conversation
  /// The answer's node.
  var answer: Int
  var choice: Choice

  /// A token of the answer.
  enum Choice: Sendable, Hashable {
    case last
    /// Counted from 1.
    case number(Int)
    /// The first token that begins the word.
    case word(String)
  }

  var activity: String { "leaving words out" }

  func prepare(_ directories: Directories) -> PreparedAnalysis {
    PreparedAnalysis(job: AnswerSalience(conversation: conversation, answer: answer, choice: choice))
  }

  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    guard let report = state.analysis.reports[SalienceReport.self] else {
      state.say("stopped")
      return []
    }
    let best = report.words.filter { $0.effect?.isFinite == true }
      .max { ($0.effect ?? 0) < ($1.effect ?? 0) }
    let most = best.map {
      "; most by \(HeatmapAxis.quoted($0.text)) \(Figures.fixed(Double($0.effect ?? 0), 2)) nats"
    }
    state.say(
      (isWhole ? "" : "stopped: ") + "\(report.words.count { $0.effect != nil }) words left out before "
        + HeatmapAxis.quoted(report.target) + (most ?? ""))
    return []
  }
}

/// The measurement for a token of an answer, which the model in use must have given.
struct AnswerSalience: AnalysisJob {
  var conversation: Conversation
  var answer: Int
  var choice: SalienceRequest.Choice

  /// Why a token cannot be asked about.
  struct Unknown: Error, CustomStringConvertible {
    let description: String
  }

  func run(in context: InferenceContext, _ pace: Pace) throws {
    guard let node = conversation[answer], let given = node.answer, given.isOf(context.model) else {
      throw Unknown(description: "salience: the last answer is not one of \(context.model.name)")
    }
    let text = AnswerTokens(node, given, in: conversation, context.model)
    guard !text.ids.isEmpty, !text.prompt.isEmpty else {
      throw Unknown(description: "salience: \(text.problem ?? "the answer has no tokens")")
    }
    let index = try place(in: text, context.model)
    try SalienceMeasurement(text.prompt + text.ids[...index]).run(in: context, pace)
  }

  private func place(in text: AnswerTokens, _ model: Model) throws -> Int {
    switch choice {
    case .last:
      // The token that ends the answer says little.
      return text.ids.lastIndex { !model.tokenizer.isControl($0) } ?? text.ids.count - 1
    case .number(let number):
      guard text.ids.indices.contains(number - 1) else {
        throw Unknown(description: "salience: the answer has the tokens 1…\(text.ids.count), not \(number)")
      }
      return number - 1
    case .word(let word):
      let pieces = text.ids.map { String(decoding: model.tokenizer.piece($0), as: UTF8.self) }
      let found = pieces.indices.first { start in
        var joined = ""
        for piece in pieces[start...] {
          joined += piece
          let trimmed = joined.drop(while: \.isWhitespace)
          if trimmed.hasPrefix(word) { return !pieces[start].allSatisfy(\.isWhitespace) }
          if !word.hasPrefix(trimmed) { return false }
        }
        return false
      }
      guard let found else {
        throw Unknown(
          description: "salience: “\(word)” is not in the answer: name a word of it, or a token's number")
      }
      return found
    }
  }
}

extension AppState {
  /// Measures the salience of the words before a token of the last answer.
  mutating func measureSalience(of choice: SalienceRequest.Choice) -> [Effect] {
    guard idleModel() != nil else { return [] }
    guard let node = session.conversation.path().last(where: { $0.answer != nil }) else {
      say("nothing is answered yet")
      return []
    }
    analysis.reports[SalienceReport.self] = nil
    side = .heatmap
    if let place = HeatmapViews.place(of: "salience") { showHeatmap(place) }
    return beginAnalysis(
      SalienceRequest(conversation: session.conversation, answer: node.id, choice: choice))
  }
}
