import Inference

/// A view of the Heatmap pane. A new one is a type like ``SimilarityView`` and a place in ``HeatmapViews``;
/// the pane, `/heat`, its completion, the help and the files then have it.
protocol HeatmapView: Sendable {
  /// As `/heat` takes it.
  var name: String { get }
  /// For titles, axes included.
  var title: String { get }
  /// The probe that the engine computes for it; nil for none.
  func probe(_ state: HeatmapState, layer: Int) -> Probe?
  /// nil if there is nothing at all yet.
  func map(_ findings: Findings) -> Heatmap?
  /// The text in place of a map while there is none.
  func absence(_ findings: Findings) -> String
  /// Whether the cursor is on a head of the current layer.
  var isOfHeads: Bool { get }
  /// The view that Enter opens on the cell under the cursor.
  var opens: String? { get }
}

extension HeatmapView {
  func probe(_ state: HeatmapState, layer: Int) -> Probe? { nil }
  func absence(_ findings: Findings) -> String { "measured as the model answers" }
  var isOfHeads: Bool { false }
  var opens: String? { nil }
}

/// All views.
enum HeatmapViews {
  /// Families in the order that `h` takes; `v` goes through the members of one.
  static let families: [[any HeatmapView]] = [
    [SimilarityView.attention, SimilarityView.mlp, SimilarityView.block],
    [StreamView()],
    [DamageView()],
    [LensView.layers, LensView.sublayers, LensView.rank],
    [HeadsView.entropy, HeadsView.distance, HeadsView.first, HeadsView.output, HeadDamageView()],
    [HeadView()],
    [NormView.stream, NormView.attention, NormView.mlp],
    [WeightsView.bits, WeightsView.error, WeightsView.zeros],
    [SalienceView()],
  ]

  static let all: [any HeatmapView] = families.flatMap { $0 }

  /// The place of the view called `name`.
  static func place(of name: String) -> HeatmapState.Place? {
    for (family, members) in families.enumerated() {
      if let member = members.firstIndex(where: { $0.name == name }) {
        return HeatmapState.Place(family: family, member: member)
      }
    }
    return nil
  }
}
