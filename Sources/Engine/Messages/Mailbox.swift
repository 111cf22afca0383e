import Analysis
import Inference
import Synchronization

/// The queue of events from the engine thread to the one that draws.
///
/// Text is appended; of figures that replace each other only the newest is kept. The reader is woken once for
/// all events that gather until it drains them.
final class Mailbox: Sendable {
  private struct Content {
    var events: [EngineEvent] = []
    var progress: WorkProgress?
    var rates: Rates?
    var similarity: SimilarityReport?
    var probe: ProbeReport?
    var analysis = Analysis()

    var isEmpty: Bool {
      events.isEmpty && progress == nil && rates == nil && similarity == nil && probe == nil
        && analysis.news.isEmpty
    }
  }

  /// The newest news of each kind, in the order in which an analysis reports them.
  private struct Analysis {
    var reports: [any AnalysisReport] = []
    var progress: WorkProgress?
    var end: AnalysisEnd?

    var news: [AnalysisNews] {
      reports.map { .report($0) }
        + [progress.map { .progress($0) }, end.map { .ended($0) }].compactMap { $0 }
    }

    mutating func add(_ news: AnalysisNews) {
      switch news {
      case .progress(let progress): self.progress = progress
      case .report(let report):
        reports.removeAll { type(of: $0) == type(of: report) }
        reports.append(report)
      case .ended(let end): self.end = end
      }
    }
  }

  private let content = Mutex(Content())
  private let wake: @Sendable () -> Void

  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  func post(_ event: EngineEvent) {
    let wasEmpty = content.withLock { content in
      let wasEmpty = content.isEmpty
      switch event {
      case .progress(let progress): content.progress = progress
      case .rates(let rates): content.rates = rates
      case .similarity(let report): content.similarity = report
      case .probe(let report): content.probe = report
      case .analysis(let news): content.analysis.add(news)
      case .answerText(let id, let tokens):
        content.progress = nil
        if case .answerText(id, var earlier) = content.events.last {
          content.events.removeLast()  // so that the array is not copied
          earlier += tokens
          content.events.append(.answerText(id: id, tokens: earlier))
        } else {
          content.events.append(event)
        }
      case .loaded:
        // The rest is of another model.
        content = Content(events: content.events + [event], analysis: content.analysis)
      default:
        content.progress = nil  // what it told of is over
        content.events.append(event)
      }
      return wasEmpty
    }
    if wasEmpty { wake() }
  }

  func drain() -> [EngineEvent] {
    content.withLock { content in
      var events = content.events
      if let progress = content.progress { events.append(.progress(progress)) }
      if let rates = content.rates { events.append(.rates(rates)) }
      if let similarity = content.similarity { events.append(.similarity(similarity)) }
      if let probe = content.probe { events.append(.probe(probe)) }
      events += content.analysis.news.map { .analysis($0) }
      content = Content()
      return events
    }
  }
}
