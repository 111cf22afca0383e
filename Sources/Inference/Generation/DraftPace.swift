/// Decides how many guesses are read at once: as many as are expected to save most time.
///
/// How often guesses come true is learnt as they are followed, whether they are read ahead or not. What reading a
/// batch takes is measured. What failed guesses cost is bounded besides: a share of the time of decoding, and
/// what guesses that came true have saved. Times are in those of a token that is decoded.
struct DraftPace {
  /// Tokens that agree before a guess, beyond which more of them say nothing.
  static let longestAgreement = 16
  /// Numbers of guesses that make batches of 8, 16 and 32 tokens. Smaller ones take no less time: kernels unpack
  /// weights for a batch as a whole.
  private static let lengths = [7, 15, 31]
  /// What a proposal must be expected to save.
  private static let leastGain = 0.25
  /// What failed guesses may cost: so much in any answer, and a share of the tokens that were decoded.
  private let credit, share: Double

  /// The share of guesses that come true, by the tokens that agree before them: up to 5, 10 and 15, and more.
  private(set) var chances = [0.6, 0.75, 0.85, 0.9]
  /// Guesses that each of these is learnt from: the first weigh more.
  private var learnt = [0, 0, 0, 0]

  /// The time of a batch over what ``standardCost(_:)`` says.
  private var costFactor = 1.0
  /// Seconds of a token that is decoded; nil before there is one.
  private var decodeSeconds: Double?
  /// Tokens that were decoded.
  private var decodedTokens = 0.0
  /// The time that guesses have saved so far, less what they took.
  private(set) var balance = 0.0

  /// - Parameter hasEarlier: Whether there is an earlier answer, on which more is risked.
  init(hasEarlier: Bool) { (credit, share) = hasEarlier ? (8, 0.02) : (4.5, 0.01) }

  /// Takes in whether a guess came true.
  mutating func learn(_ isRight: Bool, after agreement: Int) {
    let place = Self.place(agreement)
    learnt[place] += 1
    chances[place] += max(0.06, 1 / Double(4 + learnt[place])) * ((isRight ? 1 : 0) - chances[place])
  }

  /// Takes in that a token was decoded in `seconds`.
  mutating func decoded(_ seconds: Double) {
    decodedTokens += 1
    // The first may have had pages to map.
    decodeSeconds = decodeSeconds.map { $0 + (seconds - $0) / min(decodedTokens, 16) } ?? seconds
  }

  /// Takes in that a batch of `count` tokens was read in `seconds`.
  ///
  /// - Parameter isWhole: Whether all layers were computed; else it took less than others will.
  mutating func read(_ count: Int, _ seconds: Double, isWhole: Bool) {
    var cost = costFactor * Self.standardCost(count)
    if let decodeSeconds {
      // A processor that was away for a moment says nothing.
      let measured = min(seconds / decodeSeconds, Double(count))
      if isWhole { costFactor += 0.3 * (measured / Self.standardCost(count) - costFactor) }
      cost = measured
    } else if !isWhole {
      cost = 1
    }
    balance -= cost - 1
  }

  /// Takes in that a guess was read ahead and came true.
  mutating func saved() { balance += 1 }

  /// The number of guesses to read, at most `available`; 0 where that does not pay.
  func length(of available: Int, after agreement: Int) -> Int {
    guard available > 0 else { return 0 }
    let bound = balance + credit + share * decodedTokens
    var best = 0, gain = Self.leastGain, expected = 0.0, chance = 1.0, count = 0
    for length in Self.lengths.map({ min($0, available) }) {
      while count < length {
        chance *= chances[Self.place(min(agreement + count, Self.longestAgreement))]
        expected += chance
        count += 1
      }
      let cost = costFactor * Self.standardCost(length + 1) - 1
      if expected - cost > gain, cost <= bound { (best, gain) = (length, expected - cost) }
    }
    return best
  }

  /// The time of a batch on the machine where this was written: 2 cores with AVX2 or AVX-512.
  private static func standardCost(_ count: Int) -> Double { 2 + 0.4 * Double(max(count, 8)) }

  private static func place(_ agreement: Int) -> Int { min(max(agreement - 1, 0) / 5, 3) }
}
