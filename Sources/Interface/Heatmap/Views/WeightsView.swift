import Inference

/// Layer × matrix: the bits of the weights, what encoding them anew changed, or how many of them are 0. The output head comes first.
struct WeightsView: HeatmapView {
  var name: String
  fileprivate var subject: String
  fileprivate var quantity: Quantity
  fileprivate var source: @Sendable (WeightSummary.Matrix) -> Float

  static let bits = WeightsView(
    name: "bits", subject: "bits of the weights",
    quantity: Quantity(name: "bits per weight", unit: "b/w", decimals: 2),
    source: \.bits)
  static let error = WeightsView(
    name: "error", subject: "error of the weights",
    quantity: Quantity(
      name: "error against the file's weights", unit: "%", decimals: 2, spacing: .logarithmic),
    source: { $0.error.map { 100 * $0 } ?? .absent })
  static let zeros = WeightsView(
    name: "zeros", subject: "zeros among ternary weights",
    quantity: Quantity(name: "weights that are 0", unit: "%", decimals: 1),
    source: { $0.zeros.map { 100 * $0 } ?? .absent })

  var title: String { "\(subject) · layer × matrix" }

  func probe(_ state: HeatmapState, layer: Int) -> Probe? { .weights }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.probe, case .weights(let summary) = report.content else { return nil }
    let names = WeightSummary.Role.allCases.map(\.name) + ["head"], head = names.count - 1
    let matrix: @Sendable (Int, Int) -> WeightSummary.Matrix? = { place, column in
      if place == 0 { return column == head ? summary.head : nil }
      return column < head ? summary.layers[place - 1][column] : nil
    }
    return Heatmap(
      subject: subject, quantity: quantity,
      rows: HeatmapAxis(
        .place, "layer", count: summary.layers.count + 1, label: { $0 == 0 ? "out" : "\($0 - 1)" },
        fullLabel: { $0 == 0 ? "output" : HeatmapAxis.layerName($0 - 1) }),
      columns: HeatmapAxis(.matrix, "matrix", count: names.count, label: { names[$0] }),
      value: { [source] in matrix($0, $1).map(source) ?? .absent },
      isMasked: { ($0 == 0) != ($1 == head) }, isOff: { $0 > 0 && findings.isOff($0 - 1) },
      remarks: { place, column in
        matrix(place, column).map { [.init("\($0.rows) × \($0.columns)", short: "")] } ?? []
      }, fraction: report.fraction)
  }
}
