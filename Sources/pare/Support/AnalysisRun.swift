import Analysis
import Inference
import Synchronization

/// What an analysis reported on the command line until it ended, or was interrupted.
struct AnalysisResult: Sendable {
  var damage: DamageReport?
  var search: SearchReport?
  var isStopped = false
}

extension InferenceContext {
  /// Runs an analysis, with its progress on stderr; ^C ends it and keeps what is done.
  func run(_ analysis: some EngineAnalysis, _ what: String) throws -> AnalysisResult {
    let result = Mutex(AnalysisResult())
    let line = ProgressLine(what)
    let pace = Pace(
      mustPause: { Interrupt.isRequested },
      giveWay: { if Interrupt.isRequested { throw CancellationError() } },
      report: { news in
        switch news {
        case .progress(let progress): line.show(progress.fraction)
        case .damage(let report): result.withLock { $0.damage = report }
        case .search(let report): result.withLock { $0.search = report }
        case .ended: break
        }
      })
    do { try analysis.run(in: self, pace) } catch is CancellationError {
      line.show(1)
      result.withLock { $0.isStopped = true }
    }
    return result.withLock { $0 }
  }
}
