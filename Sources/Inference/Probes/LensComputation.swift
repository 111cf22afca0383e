import Foundation
import Quantization
import Tokenization

/// The logit lens: final norm and output head on the stream after every layer, first at the focus, then
/// around it.
struct LensComputation: ProbeComputation {
  private let places: Int
  private var columns: [[Lens.Guess]?] = []
  private var finished = 0
  /// The column under way.
  private var position = 0
  private var guesses: [Lens.Guess] = []

  /// Places of a slice: the head is read once for them, at the cost of about as many decoded tokens' heads.
  private static let slice = 8

  init(_ context: InferenceContext) { places = context.model.shape.layers + 1 }

  mutating func keep(first count: Int) {
    columns.removeLast(max(0, columns.count - count))
    finished = columns.count { $0 != nil }
    if position >= count { guesses = [] }
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let count = context.observablePositions
    keep(first: count)
    columns += Array(repeating: nil, count: count - columns.count)
    guard finished < count, let checkpoints = context.checkpoints,
      let next = columns.nearestMissing(to: focus ?? count - 1)
    else { return false }
    // A column that was begun is finished first: a focus that moves with every token would never see one.
    if guesses.isEmpty { position = next }
    let transformer = context.transformer, width = context.model.shape.width
    let rows = guesses.count..<min(guesses.count + Self.slice, places)
    for place in rows {
      context.workspace.stream.row(place - rows.lowerBound)
        .update(from: checkpoints.row(layer: place, position: position), count: width)
    }
    transformer.computeLogits(rows: 0..<rows.count)
    for row in 0..<rows.count {
      let distribution = LogDistribution(transformer.logits(row: row), kernels: context.kernels)
      let token = distribution.likeliest
      guesses.append(
        Lens.Guess(
          text: context.model.tokenizer.text(of: token), probability: exp(distribution[token])))
    }
    if guesses.count == places {
      columns[position] = guesses
      guesses = []
      finished += 1
    }
    return true
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    .lens(Lens(places: places, columns: columns))
  }

  func fraction(_ context: InferenceContext) -> Double {
    Double(finished) / Double(max(1, columns.count))
  }
}
