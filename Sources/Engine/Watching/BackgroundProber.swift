import Inference

/// The background work of a ``Watch``, in small slices: when the engine is idle, or within a small share of
/// an answer's time.
final class BackgroundProber {
  private let request: RequestedWatch
  private let mailbox: Mailbox
  private let cache = ProbeCache()
  private let clock = ContinuousClock()
  /// The version of the request that is worked off; nil while there may be work.
  private var settled: Int?
  private var lastPost: ContinuousClock.Instant?

  /// The share of an answer's time that slices may take.
  private static let share = 0.03
  /// Seconds between reports of an unfinished probe.
  private static let interval = 0.15
  /// Tokens of a slice that brings the context up to date, after a change of plan or of the conversation.
  private static let batch = 32

  init(_ request: RequestedWatch, mailbox: Mailbox) {
    self.request = request
    self.mailbox = mailbox
  }

  /// Whether there may be something to do.
  var isDue: Bool { settled != request.version }

  /// To be called when the context holds other tokens, or is under another plan.
  func invalidate() { settled = nil }

  /// To be called when the context is another one.
  func forget() {
    cache.forget()
    invalidate()
  }

  /// Does a slice: brings the context up to date with the plan, since a probe shows the model under the plan,
  /// then computes the probe.
  func work(in context: InferenceContext?) {
    let version = request.version
    guard let context, let watch = request.current else { return settled = version }
    guard context.isUpToDate else {
      guard context.catchUp(Self.batch) else { return settled = version }
      if context.isUpToDate, let similarity = context.similarity() { mailbox.post(.similarity(similarity)) }
      return
    }
    guard let probe = watch.probe else { return settled = version }
    let isWorking = cache.advance(probe, focus: watch.focus, in: context)
    if !isWorking { settled = version }
    let now = clock.now
    guard !isWorking || lastPost.map({ (now - $0).seconds >= Self.interval }) ?? true else { return }
    lastPost = now
    if let report = cache.report(in: context) { mailbox.post(.probe(report)) }
  }

  /// The time that an answer has left for slices.
  struct Allowance {
    /// The time of its first token.
    private var start: ContinuousClock.Instant?
    private var spent = 0.0

    fileprivate mutating func hasTime(at now: ContinuousClock.Instant) -> Bool {
      if start == nil { start = now }
      return start.map { spent < BackgroundProber.share * (now - $0).seconds } ?? false
    }
    fileprivate mutating func spend(_ seconds: Double) { spent += seconds }
  }

  /// Does a slice between two tokens of an answer, if its allowance has room.
  func work(in context: InferenceContext, _ allowance: inout Allowance) {
    invalidate()  // there are more tokens than before
    guard request.current != nil else { return }
    let start = clock.now
    guard allowance.hasTime(at: start) else { return }
    work(in: context)
    allowance.spend((clock.now - start).seconds)
  }
}
