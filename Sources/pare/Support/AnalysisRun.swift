import Analysis
import Inference
import Synchronization

/// Runs work that reports as analyses do, with its progress on stderr; ^C ends it and keeps its results so far.
///
/// - Returns: The last report, and whether the work was stopped before its end.
/// - Throws: `CancellationError` when it was stopped before it reported anything.
func follow<Report: AnalysisReport>(
  _ what: String, reporting: Report.Type, _ work: (Pace) throws -> Void
) throws -> (report: Report, isStopped: Bool) {
  let last = Mutex<Report?>(nil)
  var isStopped = false
  let line = ProgressLine(what)
  let pace = Pace(
    mustPause: { Interrupt.isRequested },
    giveWay: { if Interrupt.isRequested { throw CancellationError() } },
    report: { news in
      switch news {
      case .progress(let progress): line.show(progress.fraction)
      case .report(let report): last.withLock { $0 = report as? Report ?? $0 }
      case .ended: break
      }
    })
  do { try work(pace) } catch is CancellationError {
    line.show(1)
    isStopped = true
  }
  line.show(1)
  guard let report = last.withLock({ $0 }) else { throw CancellationError() }
  return (report, isStopped)
}

extension InferenceContext {
  /// Runs an analysis as ``follow(_:reporting:_:)`` says.
  func run<Report: AnalysisReport>(
    _ analysis: some AnalysisJob, _ what: String, reporting: Report.Type
  ) throws -> (report: Report, isStopped: Bool) {
    try follow(what, reporting: Report.self) { try analysis.run(in: self, $0) }
  }
}
