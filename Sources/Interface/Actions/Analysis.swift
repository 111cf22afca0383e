import Analysis
import Inference

extension AppState {
  /// Has an analysis begin.
  mutating func beginAnalysis(_ request: some AnalysisRequest) -> [Effect] {
    analysis.running = request
    analysis.progress = WorkProgress(what: request.activity, fraction: 0)
    return [.analyse(request)]
  }

  /// The model, if there is one and nothing is being analysed; else says why not.
  mutating func idleModel() -> ModelSummary? {
    guard let model, !isLoading else {
      say("no model is loaded")
      return nil
    }
    guard analysis.running == nil else {
      say(.warning, "an analysis is under way: ^C stops it and keeps what is done")
      return nil
    }
    return model
  }

  /// Takes news of the analysis under way.
  mutating func react(to news: AnalysisNews) -> [Effect] {
    switch news {
    case .progress(let progress): analysis.progress = progress
    case .report(let report):
      analysis.reports.keep(report)
      if let report = report as? any ReportWithConsequences { report.change(&self) }
    case .ended(let end):
      let request = analysis.running
      analysis.running = nil
      analysis.progress = nil
      switch end {
      case .finished: return request?.ended(isWhole: true, &self) ?? []
      case .stopped: return request?.ended(isWhole: false, &self) ?? []
      case .failed(let message): say(.error, message)
      }
    }
    return []
  }
}
