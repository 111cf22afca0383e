import Inference
import Terminal

/// What the Heatmap pane can show. A new view is a type like ``SimilarityMap`` and a line in `all`; the pane,
/// `/heat`, its completion and the help then have it.
protocol HeatmapView: Sendable {
  /// As `/heat` takes it.
  var name: String { get }
  /// What the pane is called, axes included.
  var title: String { get }
  /// `[row][column]`; rows are layers. NaN where nothing was measured; nil if there is nothing at all yet.
  func values(in state: AppState) -> [[Float]]?
  /// Whether a row is of something that does not run; marked by a sign, not by colour alone.
  func isOff(row: Int, in state: AppState) -> Bool
  /// The cell in words, in at most `width` cells.
  func readOut(row: Int, column: Int, value: Float, width: Int, in state: AppState) -> Line
}

enum HeatmapViews {
  /// In the order that `h` takes.
  static let all: [any HeatmapView] = [SimilarityMap.attention, SimilarityMap.mlp, SimilarityMap.block]
}

/// The Heatmap pane's own state.
struct HeatmapState: Sendable {
  /// Index into `HeatmapViews.all`.
  var index = 0
  var scale = ScaleKind.decades
  /// The column under the cursor; nil follows the newest.
  var column: Int?

  var view: any HeatmapView { HeatmapViews.all[index] }
}
