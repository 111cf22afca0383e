import Engine
import Inference

/// The newest figures of the engine, and decode speed over time for the sparkline.
struct RateHistory: Sendable, Hashable {
  private(set) var newest: Rates?
  /// Tokens a second, oldest first; at most `depth`.
  private(set) var decode: [Double] = []

  static let depth = 240

  init() {}

  mutating func record(_ rates: Rates) {
    newest = rates
    guard rates.decodeTokensPerSecond.isFinite, rates.decodeTokensPerSecond > 0 else { return }
    decode.append(rates.decodeTokensPerSecond)
    if decode.count > Self.depth { decode.removeFirst(decode.count - Self.depth) }
  }
}
