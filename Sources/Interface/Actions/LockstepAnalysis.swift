import Analysis
import Inference
import Sessions
import Tokenization

/// A step of two plans along the same tokens.
struct LockstepRequest: AnalysisRequest {
  var contexts: LockstepContexts
  var tokens: [Token]

  var activity: String { "stepping" }
  /// It takes a moment, and somebody waits for it, but makes room for what is asked for by name.
  var isBackground: Bool { true }

  func prepare(_ directories: Directories) -> PreparedAnalysis {
    PreparedAnalysis(job: LockstepStep(contexts: contexts, tokens: tokens))
  }

  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    if !isWhole { failed("stopped", &state) }
    return []
  }

  func failed(_ message: String, _ state: inout AppState) {
    if state.lockstep?.contexts === contexts { state.lockstep?.problem = message }
  }
}

extension LockstepReport: ReportWithConsequences {
  func change(_ state: inout AppState) {
    guard state.lockstep != nil else { return }
    state.lockstep?.report = self
  }
}

extension AppState {
  /// Shows what both plans say after some tokens of an answer.
  mutating func beginLockstep(_ pair: ComparedPair, along tokens: [Token]) {
    lockstep = LockstepState(
      contexts: LockstepContexts(pair, session.conversation), tokens: tokens)
    overlay = .lockstep
  }

  /// The step that is waited for.
  var wantedStep: LockstepRequest? {
    guard overlay == .lockstep, model != nil, !isLoading, let lockstep, !lockstep.isCurrent,
      lockstep.problem == nil
    else { return nil }
    return LockstepRequest(contexts: lockstep.contexts, tokens: lockstep.tokens)
  }

  /// The next token of an answer; nil where the tokens so far are not its own, or it is at its end.
  func nextToken(_ side: PairReport.Side) -> Token? {
    guard let lockstep, let answer = pairs.report(lockstep.pair)?[side].divergence.answer,
      answer.count > lockstep.tokens.count, answer.starts(with: lockstep.tokens)
    else { return nil }
    return answer[lockstep.tokens.count]
  }

  /// Goes on along an answer.
  mutating func step(along side: PairReport.Side) {
    guard let lockstep else { return }
    guard let next = nextToken(side) else {
      say("this is not on the way of \(side.name)'s text: Backspace goes back")
      return
    }
    self.lockstep?.go(to: lockstep.tokens + [next])
  }

  /// Goes on with the candidate under the cursor.
  mutating func stepToPicked() {
    guard let lockstep, lockstep.isCurrent, let candidates = lockstep.report?[lockstep.side],
      candidates.indices.contains(lockstep.picked)
    else { return }
    self.lockstep?.go(to: lockstep.tokens + [candidates[lockstep.picked].id])
  }

  mutating func stepBack() {
    guard let lockstep, !lockstep.tokens.isEmpty else { return say("this is the beginning of the answer") }
    self.lockstep?.go(to: lockstep.tokens.dropLast())
  }

  mutating func endLockstep() {
    lockstep = nil
    if overlay == .lockstep { overlay = nil }
  }
}
