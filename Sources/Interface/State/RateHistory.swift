import Engine
import Inference

/// The newest figures of the engine, and decode speed over time for the sparkline.
struct RateHistory: Sendable, Hashable {
  private(set) var newest: Rates?
  /// Tokens a second, oldest first; at most `depth`.
  private(set) var decode: [Double] = []

  /// The speed of the last answer, once it has ended.
  var average: Double?

  /// The speed to show, wherever it is shown: of the answer under way over the last half second, of one that
  /// has ended over all of it; nil until it is known.
  var shown: Double? {
    let rate = average ?? newest?.decodeTokensPerSecond
    return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }

  static let depth = 240

  init() {}

  mutating func record(_ rates: Rates) {
    newest = rates
    guard rates.decodeTokensPerSecond.isFinite, rates.decodeTokensPerSecond > 0 else { return }
    decode.append(rates.decodeTokensPerSecond)
    if decode.count > Self.depth { decode.removeFirst(decode.count - Self.depth) }
  }
}
