import Analysis
import Foundation
import Inference
import Synchronization
import Tokenization

/// The executor of commands on the engine thread. It owns the model and its context.
final class EngineWorker: @unchecked Sendable {  // used by the engine thread alone
  private let mailbox: Mailbox
  private let queue: CommandQueue
  private var context: InferenceContext?
  /// Keeps the weights for the next start; nil where nothing is to be kept.
  private var cacheWriter: WeightCacheWriter?
  private let prober: BackgroundProber
  private let clock = ContinuousClock()
  /// The speeds of the last answer.
  private var rates = Rates()

  init(mailbox: Mailbox, queue: CommandQueue, watch: RequestedWatch) {
    self.mailbox = mailbox
    self.queue = queue
    prober = BackgroundProber(watch, mailbox: mailbox)
  }

  /// Whether there is something to do while no command waits.
  var hasIdleWork: Bool { prober.isDue || context?.needsPrefault ?? false || cacheWriter != nil }

  /// Does a slice of the idle work.
  func workIdly() {
    if prober.isDue {
      prober.work(in: context)
    } else if let context, context.needsPrefault {
      context.prefault()
    } else if let cacheWriter {
      // Where it cannot be written, the next start takes as long as this one did.
      let hasMore = try? cacheWriter.writePiece()
      if hasMore != true { self.cacheWriter = nil }
    }
  }

  func run(_ job: CommandQueue.Job) {
    defer { prober.invalidate() }
    let isInterrupted = job.isInterrupted
    do {
      switch job.command {
      case .load(let path, let options): try load(path, options, isInterrupted)
      case .use(let plan): try use(plan, isInterrupted)
      case .answer(let request): try answer(request, isInterrupted)
      case .recall(let messages, let choices): try recall(messages, choices)
      case .tokenize(let messages, let choices): try tokenize(messages, choices)
      case .analyse(let analysis): analyse(analysis, isInterrupted)
      }
    } catch {
      guard let task = job.command.task else { return }
      fail(task, error)
    }
  }

  private func fail(_ task: EngineTask, _ error: any Error) {
    mailbox.post(.failed(task, message: error is CancellationError ? "stopped" : "\(error)"))
  }

  /// A check that reports the progress of work of more than 100 ms, and stops the work when the user
  /// interrupts.
  private func progress(
    _ what: String, _ isInterrupted: @escaping @Sendable () -> Bool
  ) -> ProgressCheck {
    let due = clock.now + .milliseconds(100)
    return { [mailbox, clock] fraction in
      if clock.now >= due { mailbox.post(.progress(WorkProgress(what: what, fraction: fraction))) }
      return !isInterrupted()
    }
  }

  private func load(
    _ path: String, _ options: LoadOptions, _ isInterrupted: @escaping @Sendable () -> Bool
  ) throws {
    mailbox.post(.progress(WorkProgress(what: "loading", fraction: 0)))
    let start = clock.now
    let model = try Model(path: path, template: options.template)
    let context = try InferenceContext(
      model, threads: options.threads, context: options.context, weightCache: options.weightCache,
      recordsSimilarity: true, keepsStream: true, progress: progress("packing weights", isInterrupted))
    self.context = context
    cacheWriter = context.cacheWriter()
    rates = Rates()
    prober.forget()
    mailbox.post(.loaded(context.summary))
    mailbox.post(.planInUse(context.figures(seconds: (clock.now - start).seconds)))
  }

  private func loadedContext() throws -> InferenceContext {
    guard let context else { throw EngineError.noModel }
    return context
  }

  private func use(_ plan: Plan, _ isInterrupted: @escaping @Sendable () -> Bool) throws {
    let context = try loadedContext()
    guard plan != context.plan else { return }
    let start = clock.now
    // At once, so that it can be stopped: the first step may take seconds.
    mailbox.post(.progress(WorkProgress(what: "re-encoding", fraction: 0)))
    try context.use(plan, progress: progress("re-encoding", isInterrupted))
    mailbox.post(.planInUse(context.figures(seconds: (clock.now - start).seconds)))
  }

  private func recall(_ messages: [ChatMessage], _ choices: PromptChoices) throws {
    let context = try loadedContext()
    try context.expect(
      messages.isEmpty
        ? []
        : context.model.chatFormat.tokens(
          messages, choices: choices, capacity: context.capacity, isAnswered: true))
    post(rates, context)
    if context.isUpToDate, let similarity = context.similarity() { mailbox.post(.similarity(similarity)) }
  }

  private func tokenize(_ messages: [ChatMessage], _ choices: PromptChoices) throws {
    let model = try loadedContext().model
    let tokens = try model.chatFormat.tokens(messages, choices: choices)
    mailbox.post(
      .prompt(
        tokens.map {
          PromptToken(
            id: Int($0), text: model.tokenizer.text(of: $0), isControl: model.tokenizer.isControl($0))
        }))
  }

  private func answer(_ request: AnswerRequest, _ isInterrupted: @escaping @Sendable () -> Bool) throws {
    let context = try loadedContext()
    do { try use(request.plan, isInterrupted) } catch {
      fail(.plan(request.plan), error)
      throw error
    }
    guard let prompt = try prompt(for: request, in: context) else { return }
    mailbox.post(
      .answerStarted(
        id: request.id, promptTokens: prompt.count,
        reusedTokens: context.reusedTokens(of: prompt)))
    var reporter = Reporter()
    var allowance = BackgroundProber.Allowance()
    let run = try AnswerRun(
      context, prompt, sampling: request.sampling, maximumTokens: request.maximumTokens,
      isPlain: context.model.chatFormat.isPlain, thinking: context.model.chatFormat.thinking,
      continuing: request.beginning, forced: request.forced.compactMap(Token.init(exactly:)),
      drafts: request.drafts.map { $0.compactMap(Token.init(exactly:)) },
      progress: progress("reading prompt", isInterrupted), isInterrupted: isInterrupted
    ) { [self] token, statistics in
      mailbox.post(.answerText(id: request.id, tokens: [token]))
      report(&reporter, statistics, context)
      prober.work(in: context, &allowance)
    }
    while !run.isOver {
      if isInterrupted() {
        run.end(.interrupted)
      } else if let plan = queue.nextPlan() {
        try use(plan, during: run, in: context, isInterrupted)
      } else {
        try run.step()
      }
    }
    reporter.isDue = true
    report(&reporter, run.statistics, context)
    mailbox.post(.answerFinished(id: request.id, run.statistics))
  }

  /// The tokens to answer; nil where a shorter prompt was asked for.
  private func prompt(for request: AnswerRequest, in context: InferenceContext) throws -> [Token]? {
    let format = context.model.chatFormat, capacity = context.capacity
    guard request.asksForShorter else {
      return try format.tokens(
        request.messages, choices: request.sampling.prompt, capacity: capacity, continuing: request.beginning)
    }
    let room = min(Self.answerRoom, request.maximumTokens ?? Self.answerRoom, capacity / 4)
    switch try format.prompt(
      request.messages, choices: request.sampling.prompt, continuing: request.beginning, capacity: capacity,
      room: room)
    {
    case .fits(let tokens): return tokens
    case .tooLong(let fit):
      mailbox.post(.promptTooLong(id: request.id, fit))
      return nil
    }
  }

  /// Positions that an answer shall find free, at most: few answers are longer.
  private static let answerRoom = 1024

  /// Changes the plan of an answer under way. While weights are encoded, the answer goes on with the old
  /// ones; a newer plan replaces one that is not in use yet.
  private func use(
    _ plan: Plan, during run: AnswerRun, in context: InferenceContext,
    _ isInterrupted: @escaping @Sendable () -> Bool
  ) throws {
    guard plan != context.plan else { return }
    let start = clock.now
    let progress = progress("re-encoding", isInterrupted)
    let failure = Mutex<(any Error)?>(nil)
    do {
      try run.use(plan) { [queue] fraction in
        do {
          try run.step()
        } catch {
          failure.withLock { $0 = error }
          return false
        }
        return progress(fraction) && !queue.hasPlan
      }
      mailbox.post(.planInUse(context.figures(seconds: (clock.now - start).seconds)))
      try run.readAgain(progress: self.progress("reading again", isInterrupted))
    } catch {
      if let failure = failure.withLock({ $0 }) { throw failure }
      // The answer goes on as it was, or is stopped. The failure is reported, unless a newer plan is the
      // reason.
      if !(error is CancellationError) || isInterrupted() { fail(.plan(plan), error) }
    }
  }

  /// Runs an analysis, and the other commands between its pieces. Loading a model ends it.
  private func analyse(_ analysis: any AnalysisJob, _ isStopped: @escaping @Sendable () -> Bool) {
    let pace = Pace(
      mustPause: { [queue] in isStopped() || queue.hasUrgent },
      giveWay: { [self] in
        while !queue.hasLoad, let job = queue.nextUrgent() { run(job) }
        if hasIdleWork { workIdly() }
        if isStopped() || queue.hasLoad { throw CancellationError() }
      }, report: { [mailbox] in mailbox.post(.analysis($0)) })
    let end: AnalysisEnd
    do {
      try analysis.run(in: loadedContext(), pace)
      end = .finished
    } catch is CancellationError {
      end = .stopped
    } catch {
      end = .failed("\(error)")
    }
    mailbox.post(.analysis(.ended(end)))
  }

  /// Posts live figures, a few times a second.
  private func report(_ reporter: inout Reporter, _ statistics: AnswerStatistics, _ context: InferenceContext)
  {
    let rate = reporter.tick(statistics, now: clock.now)
    guard let rate else { return }
    rates.decodeTokensPerSecond = rate
    rates.prefillTokensPerSecond = statistics.prefillTokensPerSecond
    rates.firstTokenSeconds = statistics.firstTokenSeconds
    post(rates, context)
    if let similarity = context.similarity() { mailbox.post(.similarity(similarity)) }
  }

  /// Posts figures together with the present size of the context.
  private func post(_ rates: Rates, _ context: InferenceContext) {
    var rates = rates
    rates.contextUsed = context.tokens.count
    rates.kvBytes = context.kvBytes
    rates.residentBytes = ResidentMemory.bytes
    mailbox.post(.rates(rates))
  }

  /// A meter of the current speed of decoding, over the time since the last report.
  private struct Reporter {
    /// The time of the last report; nil before the first token.
    private var lastTime: ContinuousClock.Instant?
    /// Tokens that were decoded until then, and the time of the others.
    private var lastTokens = 0
    private var lastSeconds = 0.0
    private var lastRate: Double?
    var isDue = false

    /// Tokens decoded per second since the last report when one is due; the average before there was one.
    mutating func tick(_ statistics: AnswerStatistics, now: ContinuousClock.Instant) -> Double? {
      let tokens = statistics.decodedTokens, seconds = statistics.draft?.seconds ?? 0
      if lastTime == nil { (lastTokens, lastSeconds) = (tokens, seconds) }
      let lastTime = self.lastTime ?? now
      self.lastTime = lastTime
      let elapsed = (now - lastTime).seconds, decoding = elapsed - (seconds - lastSeconds)
      guard isDue || elapsed >= 0.5 else { return nil }
      if tokens > lastTokens && decoding > 0 { lastRate = Double(tokens - lastTokens) / decoding }
      self.lastTime = now
      (lastTokens, lastSeconds) = (tokens, seconds)
      return lastRate ?? statistics.decodeTokensPerSecond
    }
  }
}

extension EngineCommand {
  /// The task that fails with the command; nil for analyses, which end with news of their own.
  fileprivate var task: EngineTask? {
    switch self {
    case .load: .load
    case .use(let plan): .plan(plan)
    case .answer(let request): .answer(id: request.id)
    // The failure to render a conversation is reported when it is to be answered.
    case .recall, .analyse: nil
    case .tokenize: .tokenize
    }
  }
}

enum EngineError: Error, CustomStringConvertible {
  case noModel
  var description: String { "no model is loaded: choose one with /model or -m" }
}
