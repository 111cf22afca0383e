import Foundation
import Tokenization

/// Notes how a token is drawn, while the sampler draws it. It allocates nothing once its
/// lists have grown, but for what steps that change logits did to the candidates.
struct DrawRecorder {
  private(set) var draw = TokenDraw()
  /// The candidates to keep.
  private let count: Int
  /// Room for a selection of its own, where the sampler's is another one.
  private var likeliest = Candidates()
  private var hasCandidates = false
  private var total = 0.0
  /// The tokens that are left, and what ``TokenDraw/Step/logMass`` says of them.
  private var left = 0
  private var logMass = 0.0
  /// The tokens whose logits steps may have changed.
  private var changed: Set<Token> = []

  init(count: Int) { self.count = count }

  mutating func begin(_ distribution: LogDistribution) {
    draw.candidates.removeAll(keepingCapacity: true)
    draw.steps.removeAll(keepingCapacity: true)
    draw.isForced = false
    draw.entropy = distribution.entropy
    hasCandidates = false
    total = Double(distribution.total)
    left = distribution.count
    logMass = 0
    changed.removeAll(keepingCapacity: true)
  }

  /// Takes the likeliest of `distribution` as candidates.
  ///
  /// - Parameter selected: The sampler's own selection from the same logits, whose first are taken where it is in
  ///   order and long enough.
  mutating func takeCandidates(_ distribution: LogDistribution, from selected: Candidates? = nil) {
    guard !hasCandidates else { return }
    hasCandidates = true
    if let selected, selected.isSorted, selected.count >= count {
      take(selected, distribution)
    } else {
      likeliest.select(top: count, of: distribution.logits)
      if likeliest.count > 0 { likeliest.sort() }
      take(likeliest, distribution)
    }
  }

  private mutating func take(_ candidates: Candidates, _ distribution: LogDistribution) {
    for candidate in candidates.list.prefix(count) where candidate.logit > -.infinity {
      draw.candidates.append(
        .init(token: candidate.token, logProbability: min(0, distribution[candidate.token])))
    }
  }

  /// A step has changed some of the logits [vocabulary], which were `original` before the sampler.
  ///
  /// - Parameter tokens: Those whose logits it may have changed.
  mutating func adjust(
    _ kind: TokenDraw.Kind, _ tokens: some Sequence<Token>, _ logits: UnsafeBufferPointer<Float>,
    original: UnsafeBufferPointer<Float>
  ) {
    changed.formUnion(tokens.lazy.filter { logits.indices.contains(Int($0)) })
    var mass = 1.0
    for token in changed where logits[Int(token)] != original[Int(token)] {
      mass += exp(Double(logits[Int(token)]) - total) - exp(Double(original[Int(token)]) - total)
    }
    // Where nearly all is gone, the difference has no figures left.
    if mass < 1e-3 { mass = logits.reduce(0.0) { $0 + exp(Double($1) - total) } }
    let changes = draw.candidates.indices.map { index in
      let token = Int(draw.candidates[index].token)
      let before = draw.steps.reduce(original[token]) { $0 + $1.changes[index] }
      // What is impossible already stays so: infinity less infinity is no number.
      return logits[token] == before ? 0 : logits[token] - before
    }
    guard changes.contains(where: { $0 != 0 }) || abs(log(mass) - logMass) > 1e-6 else { return }
    logMass = log(mass)
    draw.steps.append(.init(kind: kind, left: left, logMass: Float(logMass), changes: changes))
  }

  /// A step leaves the tokens below a logit out.
  mutating func cut(_ kind: TokenDraw.Kind, below floor: Float, _ logits: UnsafeBufferPointer<Float>) {
    guard floor > -.infinity else { return }
    var mass = 0.0, count = 0
    for logit in logits where logit >= floor {
      mass += exp(Double(logit) - total)
      count += 1
    }
    guard count < left else { return }
    note(kind, left: count, mass: mass) { logits[Int($0)] >= floor }
  }

  /// A step has left `candidates`.
  mutating func cut(_ kind: TokenDraw.Kind, _ candidates: Candidates) {
    guard candidates.count < left else { return }
    let mass = candidates.list.reduce(0.0) { $0 + exp(Double($1.logit) - total) }
    note(kind, left: candidates.count, mass: mass) { token in
      candidates.list.contains { $0.token == token }
    }
  }

  private mutating func note(
    _ kind: TokenDraw.Kind, left: Int, mass: Double, isLeft: (Token) -> Bool
  ) {
    (self.left, logMass) = (left, log(mass))
    for index in draw.candidates.indices where draw.candidates[index].cut == nil {
      if !isLeft(draw.candidates[index].token) { draw.candidates[index].cut = draw.steps.count }
    }
    draw.steps.append(.init(kind: kind, left: left, logMass: Float(logMass)))
  }

  /// A token was drawn.
  ///
  /// - Parameter logit: Its logit after the steps that change logits.
  mutating func end(
    _ token: Token, probability: Double, logit: Float, temperature: Float, _ distribution: LogDistribution
  ) {
    draw.probability = Float(probability)
    if !(temperature > 0) {
      draw.steps.append(.init(kind: .temperature, left: 1, logMass: 0))
    } else if temperature != 1 {
      let mass = (Double(logit) - total) / Double(temperature) - log(probability)
      draw.steps.append(.init(kind: .temperature, left: left, logMass: Float(mass)))
    }
    place(token, distribution)
  }

  /// A token was taken without a draw.
  mutating func force(_ token: Token, _ distribution: LogDistribution) {
    begin(distribution)
    takeCandidates(distribution)
    (draw.isForced, draw.probability) = (true, 1)
    place(token, distribution)
  }

  private mutating func place(_ token: Token, _ distribution: LogDistribution) {
    draw.logProbability = min(0, distribution[token])
    if let index = draw.candidates.firstIndex(where: { $0.token == token }) {
      draw.rank = index + 1
      return
    }
    draw.rank = distribution.rank(of: token) ?? 1
  }
}

extension TokenDraw {
  /// A token that is put in its place without a draw, as a distribution sees it.
  public init(of token: Token, in distribution: LogDistribution) {
    var recorder = DrawRecorder(count: Self.standardCount)
    recorder.force(token, distribution)
    self = recorder.draw
  }
}
