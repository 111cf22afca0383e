import Inference

/// Long work in a model's context that leaves the context's plan and tokens as they are.
public protocol AnalysisJob: Sendable {
  /// - Throws: `CancellationError` when `pace` ends it; what was reported until then holds.
  func run(in context: InferenceContext, _ pace: Pace) throws
}

/// How an analysis runs beside more urgent work: in pieces, each of which is stopped and done again when
/// something else has to be done first.
public struct Pace: Sendable {
  /// Whether the piece under way should end.
  let mustPause: Trials.StopCheck
  /// Lets others work; throws `CancellationError` when the analysis is to end.
  let giveWay: @Sendable () throws -> Void
  /// Takes results as they come.
  public let report: @Sendable (AnalysisNews) -> Void

  public init(
    mustPause: @escaping Trials.StopCheck, giveWay: @escaping @Sendable () throws -> Void,
    report: @escaping @Sendable (AnalysisNews) -> Void
  ) {
    self.mustPause = mustPause
    self.giveWay = giveWay
    self.report = report
  }

  /// Does a piece of the work, as often as it takes to come to its end undisturbed.
  public func piece<Result>(_ work: (@escaping Trials.StopCheck) throws -> Result) throws -> Result {
    while true {
      try giveWay()
      do { return try work(mustPause) } catch is CancellationError {}
    }
  }
}

/// What an analysis has found so far. A later report of the same type replaces an earlier one.
public protocol AnalysisReport: Sendable {}

/// What an analysis tells while it runs.
public enum AnalysisNews: Sendable {
  case progress(WorkProgress)
  case report(any AnalysisReport)
  case ended(AnalysisEnd)
}

public enum AnalysisEnd: Sendable, Hashable {
  case finished
  /// What was reported holds.
  case stopped
  /// One line for the user.
  case failed(String)
}
