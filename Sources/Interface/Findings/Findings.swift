import Analysis
import Inference

/// All that is known about the model in use: what maps are made of, and what the order of the layers goes by.
struct Findings: Sendable, Equatable {
  var layers: Int
  var plan: Plan
  /// Query heads of each layer; empty where they are not known.
  var headCounts: [Int]
  @Versioned var similarity: SimilarityReport?
  @Versioned var redundancy: Redundancy
  /// The results of analyses.
  @Versioned var reports: AnalysisReports
  /// The newest report of what is watched.
  @Versioned var probe: ProbeReport?

  /// Findings that keep the versions of their parts.
  init(
    layers: Int, plan: Plan, headCounts: [Int] = [],
    similarity: Versioned<SimilarityReport?> = .init(wrappedValue: nil),
    redundancy: Versioned<Redundancy> = .init(wrappedValue: Redundancy()),
    reports: Versioned<AnalysisReports> = .init(wrappedValue: AnalysisReports()),
    probe: Versioned<ProbeReport?> = .init(wrappedValue: nil)
  ) {
    self.layers = layers
    self.plan = plan
    self.headCounts = headCounts
    _similarity = similarity
    _redundancy = redundancy
    _reports = reports
    _probe = probe
  }

  /// The damage of dropping each sublayer and block alone.
  var damage: DamageReport? { reports[DamageReport.self] }

  /// Heads of a layer, as far as the model or a report tells.
  func heads(ofLayer layer: Int) -> Int {
    if headCounts.indices.contains(layer), runs(.attention, layer) { return headCounts[layer] }
    return switch probe?.content {
    case .attention(let pattern): pattern.heads
    case .heads(let summary) where summary.layers.indices.contains(layer): summary.layers[layer].count
    default: 0
    }
  }

  /// Whether nothing of a layer runs.
  func isOff(_ layer: Int) -> Bool { Plan.Sublayer.allCases.allSatisfy { !runs($0, layer) } }

  /// Whether the plan keeps a sublayer.
  func runs(_ sublayer: Plan.Sublayer, _ layer: Int) -> Bool { plan.runs(sublayer, layer: layer) }
}
