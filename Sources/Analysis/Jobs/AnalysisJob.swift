import Inference

/// Long work in a model's context that leaves the context's plan and tokens unchanged.
public protocol AnalysisJob: Sendable {
  /// Does the work, and reports to `pace`.
  ///
  /// - Throws: `CancellationError` when `pace` ends it; reports until then hold.
  func run(in context: InferenceContext, _ pace: Pace) throws
}

/// The way an analysis runs beside more urgent work: in pieces, each of which is stopped and done again when
/// a more urgent command comes.
public struct Pace: Sendable {
  /// Whether the piece under way should end.
  let mustPause: Trials.StopCheck
  /// Lets others work; throws `CancellationError` when the analysis is to end.
  let giveWay: @Sendable () throws -> Void
  /// Called with results as they come.
  public let report: @Sendable (AnalysisNews) -> Void

  /// - Parameters:
  ///   - mustPause: Whether the piece under way should end.
  ///   - giveWay: Lets other work run; throws `CancellationError` when the analysis is to end.
  ///   - report: Called with results as they come.
  public init(
    mustPause: @escaping Trials.StopCheck, giveWay: @escaping @Sendable () throws -> Void,
    report: @escaping @Sendable (AnalysisNews) -> Void
  ) {
    self.mustPause = mustPause
    self.giveWay = giveWay
    self.report = report
  }

  /// Does a piece of the work, again and again until it ends without being stopped.
  ///
  /// - Parameter work: Gets a check that is true when it should stop, and then throws `CancellationError`.
  public func piece<Result>(_ work: (@escaping Trials.StopCheck) throws -> Result) throws -> Result {
    while true {
      try giveWay()
      do { return try work(mustPause) } catch is CancellationError {}
    }
  }
}

/// The results of an analysis so far. A later report of the same type replaces an earlier one.
public protocol AnalysisReport: Sendable {}

/// News from an analysis that runs.
public enum AnalysisNews: Sendable {
  case progress(WorkProgress)
  case report(any AnalysisReport)
  case ended(AnalysisEnd)
}

/// The way an analysis ended.
public enum AnalysisEnd: Sendable, Hashable {
  case finished
  /// Stopped by the user; reports until then hold.
  case stopped
  /// An error, in one line for the user.
  case failed(String)
}
