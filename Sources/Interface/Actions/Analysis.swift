import Analysis
import Inference

extension AppState {
  /// Has an analysis begin.
  mutating func beginAnalysis(_ request: some AnalysisRequest) -> [Effect] {
    guard analysis.running == nil else {
      analysis.next = request
      return giveUpAnalysis()
    }
    analysis.running = request
    analysis.progress = WorkProgress(what: request.activity, fraction: 0)
    return [.analyse(request)]
  }

  /// Stops what runs in the background, without a word.
  mutating func giveUpAnalysis() -> [Effect] {
    guard !analysis.isGivenUp else { return [] }
    analysis.isGivenUp = true
    return [.stopAnalysis]
  }

  /// The model, if there is one and nothing is being analysed; else says why not.
  mutating func idleModel() -> ModelSummary? {
    guard let model, !isLoading else {
      say("no model is loaded")
      return nil
    }
    guard !analysis.isForeground else {
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
      let request = analysis.running, wasGivenUp = analysis.isGivenUp, next = analysis.next
      analysis.running = nil
      analysis.next = nil
      analysis.isGivenUp = false
      analysis.progress = nil
      var effects: [Effect] = []
      switch end {
      case .finished: effects = request?.ended(isWhole: true, &self) ?? []
      case .stopped: if !wasGivenUp { effects = request?.ended(isWhole: false, &self) ?? [] }
      case .failed(let message):
        if let request { request.failed(message, &self) } else { say(.error, message) }
      }
      return effects + (next.map { beginAnalysis($0) } ?? [])
    }
    return []
  }
}
