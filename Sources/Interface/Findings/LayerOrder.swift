import Analysis
import Inference

/// The order of the rows in the Layers pane.
enum LayerOrder: Sendable, Hashable, CaseIterable {
  case layer
  case similarity(Plan.Sublayer)
  case damage(Plan.Sublayer)

  static let allCases: [LayerOrder] = [
    .layer, .similarity(.attention), .similarity(.mlp), .damage(.attention), .damage(.mlp),
  ]

  /// For sentences and titles.
  var name: String {
    switch self {
    case .layer: "by layer"
    case .similarity(let sublayer): "by similarity of the \(sublayer.noun)"
    case .damage(let sublayer): "by damage of the \(sublayer.noun)"
    }
  }
}

extension Plan.Sublayer {
  /// In the middle of a sentence.
  var noun: String { self == .attention ? "attention" : "MLP" }
}

extension DamageReport {
  /// KL of the plan without the sublayer; nil where it is not measured.
  func kl(_ sublayer: Plan.Sublayer, layer: Int) -> Double? {
    self[Droppable(Part(sublayer), layer)]?.damage.kl
  }
}

extension Findings {
  /// The layers in an order: the most redundant first, or as they are in the model; those that were not
  /// measured last.
  func ordered(_ order: LayerOrder) -> [Int] {
    func sorted(_ redundancy: (Int) -> Double?) -> [Int] {
      (0..<layers).map { ($0, redundancy($0) ?? -.infinity) }
        .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    }
    switch order {
    case .layer: return Array(0..<layers)
    case .similarity(let sublayer):
      return sorted { layer in
        let similarity = redundancy.similarity(sublayer, layer: layer)
        return similarity.isNaN ? nil : Double(similarity)
      }
    case .damage(let sublayer):
      return sorted { damage?.kl(sublayer, layer: $0).flatMap { $0.isNaN ? nil : -$0 } }
    }
  }

  /// Whether anything is measured that an order goes by.
  func isKnown(_ order: LayerOrder) -> Bool {
    switch order {
    case .layer: true
    case .similarity(let sublayer): redundancy.values(sublayer).contains { $0.isFinite }
    case .damage: damage?.entries.isEmpty == false
    }
  }

  /// The attention to drop next, and why: the one whose drop alone did least damage, or, until all are
  /// measured, the one that changes the residual stream least.
  var nextToDrop: (layer: Int, reason: String)? {
    if let (layer, kl) = leastDamaging(.attention) { return (layer, "KL \(Figures.kl(kl)) alone") }
    return redundancy.mostRedundant(.attention, in: plan).map {
      ($0, "similarity \(Figures.similarity(redundancy.similarity(.attention, layer: $0)))")
    }
  }

  /// The running sublayer whose drop alone did least damage; nil while one is not measured, which may be the
  /// one.
  private func leastDamaging(_ sublayer: Plan.Sublayer) -> (layer: Int, kl: Double)? {
    guard let damage else { return nil }
    var least: (layer: Int, kl: Double)?
    for layer in 0..<layers where plan.runs(sublayer, layer: layer) {
      guard let kl = damage.kl(sublayer, layer: layer) else { return nil }
      if kl < least?.kl ?? .infinity { least = (layer, kl) }
    }
    return least
  }
}
