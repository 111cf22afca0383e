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

  func runs(_ sublayer: Plan.Sublayer, _ layer: Int) -> Bool { plan.runs(sublayer, layer: layer) }
}

extension AppState {
  var findings: Findings {
    Findings(
      layers: layerCount, plan: plan, similarity: similarity, redundancy: redundancy,
      damage: analysis.damage, probe: probe)
  }
}
