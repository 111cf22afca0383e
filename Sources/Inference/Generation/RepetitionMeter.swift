import Tokenization

/// The repetition that an answer ends with: the same tokens again and again.
public struct Repetition: Sendable, Hashable, Codable {
  /// The first token of the answer that only repeats what is before it, counted from 0.
  public var from: Int
  /// Tokens after which it begins again.
  public var period: Int
  public init(from: Int, period: Int) {
    self.from = from
    self.period = period
  }
}

/// Watches a sequence of tokens for an end that repeats itself exactly, with a period of up to
/// ``longestPeriod`` tokens.
///
/// A token costs as many comparisons as there are periods, and no allocation.
struct RepetitionMeter {
  static let longestPeriod = 256
  /// A repetition that is worth a word is this long, in tokens, and has this many periods.
  static let leastLength = 48
  static let leastPeriods = 4

  /// The newest tokens, oldest first: `longestPeriod` to twice as many.
  private var recent: [Token]
  /// At `longestPeriod − p`: how many of the newest tokens each equal the one `p` before it.
  private var runs: [Int32]
  /// Tokens so far, those before the first included.
  private(set) var count: Int
  /// The most of `runs`.
  private var longestRun: Int32 = 0

  /// No token is −1, so that nothing equals what was before the first.
  private static let none: Token = -1

  /// - Parameter first: The number of the answer's tokens that are not watched.
  init(first: Int = 0) {
    recent = Array(repeating: Self.none, count: Self.longestPeriod)
    recent.reserveCapacity(2 * Self.longestPeriod)
    runs = Array(repeating: 0, count: Self.longestPeriod)
    count = first
  }

  mutating func append(_ token: Token) {
    let period = Self.longestPeriod
    if recent.count == 2 * period { recent.removeFirst(period) }
    let start = recent.count - period
    var longest: Int32 = 0
    recent.withUnsafeBufferPointer { recent in
      runs.withUnsafeMutableBufferPointer { runs in
        for place in 0..<period {
          let run = recent[start + place] == token ? runs[place] &+ 1 : 0
          runs[place] = run
          longest = max(longest, run)
        }
      }
    }
    longestRun = longest
    recent.append(token)
    count += 1
  }

  /// The repetition at the end, if it has `length` tokens, its first period included; nil for a shorter one.
  func repetition(length: Int) -> Repetition? {
    guard Int(longestRun) + Self.longestPeriod >= length else { return nil }
    for period in 1...Self.longestPeriod {
      let run = Int(runs[Self.longestPeriod - period])
      // A run that is shorter than what the periods take is a word that occurs again.
      if run + period >= length, run >= (Self.leastPeriods - 1) * period {
        return Repetition(from: count - run, period: period)
      }
    }
    return nil
  }
}
