/// The number of workers that take part in a run, adapted to the time for which they are preempted.
///
/// Workers that synchronise at barriers are as fast as the slowest. When another program takes one of two
/// processors, the preempted worker keeps the other waiting for the rest of a time slice, milliseconds each,
/// many times a token: fewer workers are faster then. Results do not depend on their number.
struct Crew {
  /// The number of workers in the pool.
  let most: Int
  /// The number of workers that take part in the next run.
  private(set) var count: Int

  private var watched = Duration.zero
  private var lost = Duration.zero
  private var retryAt: ContinuousClock.Instant?
  private var pause = shortestPause
  /// Whether the last worker was added on trial and has not been judged yet.
  private var isTrying = false

  /// The time of runs that are judged together, since the loss of one time slice says little.
  private static let window = Duration.milliseconds(50)
  /// The time until one worker more is tried, which costs little if it fails; twice as long after each
  /// failure.
  private static let shortestPause = Duration.milliseconds(200), longestPause = Duration.seconds(2)

  init(most: Int) {
    self.most = most
    count = most
  }

  /// Judges a run that has ended.
  ///
  /// - Parameter kept: The time for which workers were preempted, summed over workers; nil where none has to
  ///   wait for another.
  mutating func hasRun(
    from start: ContinuousClock.Instant, to end: ContinuousClock.Instant, kept: Duration?
  ) {
    if let kept, count > 1 {
      watched += end - start
      lost += kept  // while one is off its processor, the others wait for it
      if watched >= Self.window { judge(at: end) }
    }
    if let due = retryAt, end >= due {
      count += 1
      retryAt = nil
      isTrying = true
      (watched, lost) = (.zero, .zero)
    }
  }

  /// Decides whether one worker fewer would be faster: `count` workers do in the time that is not lost what
  /// one fewer do in `count / (count - 1)` of it. Of many workers some time is always lost, partly at the
  /// same moments, so a loss below a quarter is ignored.
  private mutating func judge(at now: ContinuousClock.Instant) {
    if lost * min(count, 4) > watched {
      count -= 1
      retryAt = now + pause
      pause = min(pause * 2, Self.longestPause)
    } else {
      if isTrying || count == most { pause = Self.shortestPause }
      if count < most && retryAt == nil { retryAt = now + pause }
    }
    isTrying = false
    (watched, lost) = (.zero, .zero)
  }
}
