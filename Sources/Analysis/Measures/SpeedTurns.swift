import Inference
import Tokenization

/// Decode speeds of two contexts, measured in turns, so that what else the machine does meets both alike.
public struct SpeedTurns: Sendable, Hashable {
  /// Tokens a second of each turn.
  public private(set) var first: [Double] = []
  public private(set) var second: [Double] = []

  /// Turns that are usual: that all agree by chance alone happens in 3 of 100 cases.
  public static let usual = 6
  /// Tokens that each decodes in a turn.
  public static let tokens = 16

  /// Nothing measured yet.
  public init() {}

  /// The speed of the second over that of the first in each turn, ascending.
  public var ratios: [Double] { zip(first, second).map { $1 / $0 }.sorted() }
  /// The median of ``ratios``; nil before the first turn.
  public var ratio: Double? {
    let ratios = ratios
    return ratios.isEmpty ? nil : (ratios[(ratios.count - 1) / 2] + ratios[ratios.count / 2]) / 2
  }
  /// Whether one was faster in every turn, of which there were enough; else the difference is within noise.
  public var isClear: Bool {
    let ratios = ratios
    guard let least = ratios.first, let most = ratios.last, ratios.count >= Self.usual else { return false }
    return least > 1 || most < 1
  }

  /// Measures a turn: both decode the beginning of `text`, after `prompt`. Which one begins changes.
  ///
  /// - Throws: ``ContextError`` when they do not fit; `CancellationError`.
  public mutating func measure(
    _ text: [Token], after prompt: [Token], in one: InferenceContext, _ other: InferenceContext,
    progress: ProgressCheck = { _ in true }
  ) throws {
    let text = text.prefix(Self.tokens), clock = ContinuousClock()
    func speed(_ context: InferenceContext) throws -> Double {
      try context.read(prompt, progress: progress)
      let time = try clock.measure {
        for token in text {
          _ = try context.append(token)
          guard progress(1) else { throw CancellationError() }
        }
      }
      return Double(text.count) / time.seconds
    }
    let speeds =
      if first.count.isMultiple(of: 2) { (try speed(one), try speed(other)) } else {
        { (second: Double, first: Double) in (first, second) }(try speed(other), try speed(one))
      }
    first.append(speeds.0)
    second.append(speeds.1)
  }
}
