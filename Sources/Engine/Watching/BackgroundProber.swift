import Inference

/// Does the work for what is watched where it disturbs nobody: in small slices, when the engine is idle or within a
/// small share of an answer's time.
final class BackgroundProber {
  private let slot: RequestedWatch
  private let mailbox: Mailbox
  private let prober = ProbeCache()
  private let clock = ContinuousClock()
  /// The version of the slot for which all is done.
  private var settled: Int?
  private var lastPost: ContinuousClock.Instant?

  /// The share of an answer's time that slices may take.
  private static let share = 0.03
  /// Seconds between reports of what is not finished.
  private static let interval = 0.15
  /// Tokens that are computed at once, after a change of plan or of the conversation.
  private static let batch = 32

  init(slot: RequestedWatch, mailbox: Mailbox) {
    self.slot = slot
    self.mailbox = mailbox
  }

  /// Whether there may be something to do.
  var isDue: Bool { settled != slot.version }

  /// The context holds other tokens now, or is under another plan.
  func invalidate() { settled = nil }

  /// The context is another one.
  func forget() {
    prober.forget()
    invalidate()
  }

  /// Does a slice: brings the context up to date with the plan, so that what is seen is what the plan does, then
  /// computes what is watched.
  func work(in context: InferenceContext?) {
    let version = slot.version
    guard let context, let watch = slot.current else { return settled = version }
    guard context.isUpToDate else {
      context.catchUp(Self.batch)
      if context.isUpToDate, let similarity = context.similarity() { mailbox.post(.similarity(similarity)) }
      return
    }
    guard let probe = watch.probe else { return settled = version }
    let isWorking = prober.advance(probe, focus: watch.focus, in: context)
    if !isWorking { settled = version }
    let now = clock.now
    guard !isWorking || lastPost.map({ (now - $0).seconds >= Self.interval }) ?? true else { return }
    lastPost = now
    if let report = prober.report(in: context) { mailbox.post(.probe(report)) }
  }

  /// How much time an answer has left for slices.
  struct Allowance {
    /// When its first token came.
    private var start: ContinuousClock.Instant?
    private var spent = 0.0

    fileprivate mutating func isThere(_ now: ContinuousClock.Instant) -> Bool {
      if start == nil { start = now }
      return start.map { spent < BackgroundProber.share * (now - $0).seconds } ?? false
    }
    fileprivate mutating func take(_ seconds: Double) { spent += seconds }
  }

  /// Does a slice between two tokens of an answer, if its allowance has room.
  func work(in context: InferenceContext, _ allowance: inout Allowance) {
    invalidate()  // there are more tokens than before
    guard slot.current != nil else { return }
    let start = clock.now
    guard allowance.isThere(start) else { return }
    work(in: context)
    allowance.take((clock.now - start).seconds)
  }
}
