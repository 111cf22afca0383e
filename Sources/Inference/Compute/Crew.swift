/// How many workers take part in a run, judged by how long they were kept from their processors.
///
/// Workers in step are as fast as the slowest. When another program takes one of two processors, the one that it stopped
/// keeps the other waiting for the rest of a time slice, milliseconds each, many times a token: fewer workers are
/// faster then. Results do not depend on how many there are.
struct Crew {
  /// How many there are.
  let most: Int
  /// How many are to take part in the next run.
  private(set) var count: Int

  private var watched = Duration.zero
  private var lost = Duration.zero
  private var retryAt: ContinuousClock.Instant?
  private var pause = shortestPause
  /// Whether one more takes part and has not been judged yet.
  private var isTrying = false

  /// Runs are judged together until they have taken so long: the loss of one time slice tells little.
  private static let window = Duration.milliseconds(50)
  /// Until one worker more is tried, which costs little if it fails; twice as long after each failure.
  private static let shortestPause = Duration.milliseconds(200), longestPause = Duration.seconds(2)

  init(most: Int) {
    self.most = most
    count = most
  }

  /// Judges a run that has ended.
  ///
  /// - Parameter kept: For how long workers were kept from their processors, all of them together; nil where none has to
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

  /// In the time that was not lost `count` did what one fewer do in `count / (count - 1)` of it. Of many workers a little
  /// is always lost, and some of it at once: less than a quarter is not judged.
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
