import Analysis
import Inference

/// Mean similarity of each sublayer over the tokens of the conversation, or of a text that was measured on:
/// how much it leaves the residual stream as it was.
///
/// A dropped sublayer cannot be measured; it keeps the figure it had when it last ran.
struct Redundancy: Sendable, Hashable {
  /// By layer; `Float.absent` where it was never measured.
  private(set) var attention: [Float] = []
  private(set) var mlp: [Float] = []

  init() {}

  mutating func update(with report: SimilarityReport) {
    Self.update(&attention, with: report.attention)
    Self.update(&mlp, with: report.mlp)
  }

  /// Takes what a measurement saw on its text, where nothing else is known.
  mutating func complete(with report: DamageReport, layers: Int) {
    for entry in report.entries where (0..<layers).contains(entry.dropped.layer) {
      guard let similarity = entry.similarity else { continue }
      switch entry.dropped.part {
      case .attention: Self.complete(&attention, layers, entry.dropped.layer, similarity)
      case .mlp: Self.complete(&mlp, layers, entry.dropped.layer, similarity)
      case .block: break
      }
    }
  }

  private static func complete(_ means: inout [Float], _ layers: Int, _ layer: Int, _ value: Float) {
    if means.count != layers { means = Array(repeating: .absent, count: layers) }
    if means[layer].isAbsent { means[layer] = value }
  }

  private static func update(_ means: inout [Float], with rows: [[Float]]) {
    if means.count != rows.count { means = Array(repeating: .absent, count: rows.count) }
    for (layer, row) in rows.enumerated() {
      if let mean = row.meanOfPresent { means[layer] = mean }
    }
  }

  /// `Float.absent` where it was never measured.
  func similarity(_ sublayer: Plan.Sublayer, layer: Int) -> Float {
    let values = self.values(sublayer)
    return values.indices.contains(layer) ? values[layer] : .absent
  }

  /// The place of `layer` among the layers that were measured, from 1, the most redundant.
  func rank(_ sublayer: Plan.Sublayer, layer: Int) -> (rank: Int, of: Int)? {
    let own = similarity(sublayer, layer: layer)
    guard own.isFinite else { return nil }
    let measured = values(sublayer).filter(\.isFinite)
    return (measured.count { $0 > own } + 1, measured.count)
  }

  /// The running sublayer that changes the residual stream least.
  func mostRedundant(_ sublayer: Plan.Sublayer, in plan: Plan) -> Int? {
    let values = self.values(sublayer)
    return values.indices
      .filter { values[$0].isFinite && plan.runs(sublayer, layer: $0) }
      .max { values[$0] < values[$1] }
  }

  func values(_ sublayer: Plan.Sublayer) -> [Float] { sublayer == .attention ? attention : mlp }
}
