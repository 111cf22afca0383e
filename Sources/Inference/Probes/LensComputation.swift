import Foundation
import Quantization
import Tokenization

/// The logit lens: final norm and output head on the stream after every layer, or after every sublayer, first
/// at the focus, then around it.
struct LensComputation: ProbeComputation {
  private let isBySublayer: Bool
  /// Whether the candidates of all positions are kept, and not those of the focus alone.
  private let keepsCandidates: Bool
  private let places: Int
  private var columns: [[Lens.Guess]?] = []
  private var likeliest: [Int: [[Lens.Candidate]]] = [:]
  private var finished = 0
  private var column: Column?

  /// The column under way, from the last place down: the others ask for the token that is likeliest there.
  private struct Column {
    let position: Int
    var final: Token?
    /// In the order of computation.
    var guesses: [Lens.Guess] = []
    var candidates: [[Lens.Candidate]] = []
  }

  /// Places of a slice: the head is read once for them, at the cost of about as many decoded tokens' heads.
  private static let slice = 8

  init(_ context: InferenceContext, isBySublayer: Bool, keepsCandidates: Bool = false) {
    self.isBySublayer = isBySublayer
    self.keepsCandidates = keepsCandidates
    places = (isBySublayer ? 2 : 1) * context.model.shape.layers + 1
  }

  mutating func keep(first count: Int) {
    columns.removeLast(max(0, columns.count - count))
    finished = columns.count { $0 != nil }
    likeliest = likeliest.filter { $0.key < count }
    if let column, column.position >= count { self.column = nil }
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let count = context.observablePositions
    keep(first: count)
    columns += Array(repeating: nil, count: count - columns.count)
    guard context.checkpoints != nil, count > 0 else { return false }
    let focus = max(0, min(focus ?? count - 1, count - 1))
    // A column that was begun is finished first: a focus that moves with every token would never see one.
    let wanted =
      likeliest[focus] == nil ? focus : finished < count ? columns.nearestMissing(to: focus) : nil
    guard var column = column ?? wanted.map({ Column(position: $0) }) else { return false }
    add(to: &column, context)
    guard column.guesses.count == places else {
      self.column = column
      return true
    }
    self.column = nil
    if columns[column.position] == nil { finished += 1 }
    columns[column.position] = column.guesses.reversed()
    if keepsCandidates {
      likeliest[column.position] = column.candidates.reversed()
    } else if column.position == focus || likeliest.isEmpty {
      likeliest = [column.position: column.candidates.reversed()]
    }
    return true
  }

  /// The next places of a column.
  private func add(to column: inout Column, _ context: InferenceContext) {
    let transformer = context.transformer, done = column.guesses.count
    let chosen = (done..<min(done + Self.slice, places)).map { places - 1 - $0 }
    let streams = chosen.map { stream(at: $0, position: column.position, context) }
    for (row, stream) in streams.enumerated() {
      context.workspace.stream.row(row).update(from: stream, count: stream.count)
    }
    transformer.computeLogits(rows: 0..<chosen.count)
    for row in chosen.indices {
      let logits = transformer.logits(row: row)
      let distribution = LogDistribution(logits, kernels: context.kernels)
      let token = distribution.likeliest, final = column.final ?? token
      column.final = final
      column.guesses.append(
        Lens.Guess(
          text: context.model.tokenizer.text(of: token), probability: exp(distribution[token]),
          finalRank: 1 + logits.count { $0 > logits[Int(final)] }, finalProbability: exp(distribution[final]))
      )
      column.candidates.append(
        logits.largest(Lens.candidateCount).map {
          Lens.Candidate(
            id: $0, text: context.model.tokenizer.text(of: Token($0)),
            probability: exp(distribution[Token($0)]))
        })
    }
  }

  /// The stream x[d] of a position at a place.
  private func stream(at place: Int, position: Int, _ context: InferenceContext) -> [Float] {
    let width = context.model.shape.width, layer = isBySublayer ? place / 2 : place
    guard let checkpoints = context.checkpoints else { return [] }
    if !isBySublayer || place % 2 == 0 {
      return Array(
        UnsafeBufferPointer(start: checkpoints.row(layer: layer, position: position), count: width))
    }
    context.transformer.recomputeAttention(layer, at: position)
    return Array(UnsafeBufferPointer(start: context.workspace.stream.row(0), count: width))
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    .lens(Lens(places: places, columns: columns, isBySublayer: isBySublayer, likeliest: likeliest))
  }

  func fraction(_ context: InferenceContext) -> Double {
    Double(finished) / Double(max(1, columns.count))
  }
}

extension InferenceContext {
  /// The lens of all positions by sublayer, with the candidates of each.
  ///
  /// - Throws: `CancellationError`.
  public func lensWithCandidates(progress: ProgressCheck = { _ in true }) throws -> ProbeReport {
    try report(
      of: LensComputation(self, isBySublayer: true, keepsCandidates: true), progress: progress)
  }
}

extension UnsafeBufferPointer where Element == Float {
  /// The indices of the largest elements, the largest first; of equal ones the first.
  func largest(_ wanted: Int) -> [Int] {
    var best: [Int] = []
    for index in indices where best.count < wanted || self[index] > self[best[best.count - 1]] {
      let place = best.firstIndex { self[index] > self[$0] } ?? best.count
      best.insert(index, at: place)
      if best.count > wanted { best.removeLast() }
    }
    return best
  }
}
