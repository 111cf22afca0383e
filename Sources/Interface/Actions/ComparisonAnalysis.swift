import Analysis
import Sessions

/// Comparing the predictions of the plans of two answers, on the text of each.
struct ComparisonRequest: AnalysisRequest {
  var pair: ComparedPair
  var conversation: Conversation

  var activity: String { "comparing" }
  var isBackground: Bool { true }

  func prepare(_ directories: Directories) -> PreparedAnalysis {
    PreparedAnalysis(job: AnswerComparison(pair: pair, conversation: conversation))
  }

  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    if !isWhole { state.hinder(pair, .stopped) }
    return []
  }

  func failed(_ message: String, _ state: inout AppState) { state.hinder(pair, .failed(message)) }
}

extension PairReport: ReportWithConsequences {
  func change(_ state: inout AppState) { state.pairs.keep(self) }
}

/// Timing the plans of two answers, in turns.
struct SpeedRequest: AnalysisRequest {
  var pair: ComparedPair
  var conversation: Conversation

  var activity: String { "timing in turns" }

  func prepare(_ directories: Directories) -> PreparedAnalysis {
    PreparedAnalysis(job: SpeedComparison(pair: pair, conversation: conversation))
  }

  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    state.say(
      state.pairs.turns(pair).flatMap { isWhole ? Verdict.speed($0) : nil } ?? "stopped: nothing is timed")
    return []
  }
}

extension PairSpeeds: ReportWithConsequences {
  func change(_ state: inout AppState) { state.pairs.keep(self) }
}

extension AppState {
  /// Has the plans of the pair on the screen compared while nothing else is to be done, or stepped, where somebody
  /// waits for that; a pair that is not on the screen any more is given up.
  mutating func updateComparison() -> [Effect] {
    let step = wantedStep, wanted = wantedPair
    if let running = analysis.running as? ComparisonRequest {
      return running.pair == wanted && step == nil ? [] : giveUpAnalysis()
    }
    guard analysis.running == nil else { return [] }
    if let step { return beginAnalysis(step) }
    guard let wanted else { return [] }
    return beginAnalysis(ComparisonRequest(pair: wanted, conversation: session.conversation))
  }

  /// The pair on the screen, if it can be compared and is not.
  private var wantedPair: ComparedPair? {
    guard !isInLines, model != nil, !isLoading, let comparison, comparison.obstacle == nil,
      pairs.report(comparison.pair)?.isWhole != true
    else { return nil }
    let areThere = [comparison.first, comparison.second].allSatisfy {
      $0 != answering && session.conversation[$0]?.answer?.tokenIDs.isEmpty == false
    }
    return areThere ? comparison.pair : nil
  }

  fileprivate mutating func hinder(_ pair: ComparedPair, _ obstacle: Comparison.Obstacle) {
    if comparison?.pair == pair { comparison?.obstacle = obstacle }
  }

  /// Goes on with a comparison that was stopped or failed.
  mutating func compareAgain() -> [Effect] {
    comparison?.obstacle = nil
    if let comparison, pairs.report(comparison.pair)?.isWhole == true {
      say("the plans are compared already")
    }
    return []
  }

  /// Times the plans of the two answers in turns.
  mutating func timeInTurns() -> [Effect] {
    guard let pair = comparison?.pair, idleModel() != nil else { return [] }
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    return beginAnalysis(SpeedRequest(pair: pair, conversation: session.conversation))
  }

  // MARK: Runs

  /// The answers to the prompt of the comparison, oldest first.
  var comparedRuns: [Conversation.Node] {
    guard let parent = comparison.flatMap({ session.conversation[$0.first] })?.parent else { return [] }
    return session.conversation.answers(to: parent)
  }

  /// Makes another of the runs A or B; one that the other side has is left out.
  mutating func pickRun(_ side: PairReport.Side, by step: Int) {
    guard var pair = comparison?.pair else { return }
    let taken = side == .first ? pair.second : pair.first, own = side == .first ? pair.first : pair.second
    let runs = comparedRuns.map(\.id).filter { $0 != taken }
    guard let place = runs.firstIndex(of: own), runs.count > 1 else {
      say("there is no other answer to this prompt: r makes one")
      return
    }
    let next = runs[(place + step + runs.count) % runs.count]
    if side == .first { pair.first = next } else { pair.second = next }
    comparison?.show(pair)
  }

  /// Makes A of B, and B of A.
  mutating func swapRuns() {
    guard let pair = comparison?.pair else { return }
    comparison?.show(ComparedPair(first: pair.second, second: pair.first))
  }
}
