import Analysis
import Inference

/// What is known about the model in use: all that maps are made of.
struct Findings: Sendable {
  var layers: Int
  var plan: Plan
  var similarity: SimilarityReport?
  var redundancy = Redundancy()
  /// What dropping each sublayer and block alone did.
  var damage: DamageReport?
  /// The newest report of what is watched.
  var probe: ProbeReport?

  /// Heads of a layer, as far as a report tells.
  func heads(ofLayer layer: Int) -> Int {
    switch probe?.content {
    case .attention(let pattern): pattern.heads
    case .heads(let summary) where summary.layers.indices.contains(layer): summary.layers[layer].count
    default: 0
    }
  }

  /// Whether nothing of a layer runs.
  func isOff(_ layer: Int) -> Bool { Plan.Sublayer.allCases.allSatisfy { !runs($0, layer) } }

  func runs(_ sublayer: Plan.Sublayer, _ layer: Int) -> Bool { plan.runs(sublayer, layer: layer) }
}

extension AppState {
  var findings: Findings {
    Findings(
      layers: layerCount, plan: plan, similarity: similarity, redundancy: redundancy,
      damage: analysis.damage, probe: probe)
  }
}
