import Inference

/// The choices in the Heatmap pane.
struct HeatmapState: Sendable, Hashable {
  struct Place: Sendable, Hashable {
    var family = 0
    var member = 0
  }

  var place = Place()
  var scale = ScaleKind.natural
  /// Cells per token, or tokens per cell; nil as suits the view.
  var zoom: HeatmapZoom?
  var filter = LayerFilter.all
  /// Whether the cursor is on the embedding, which comes before layer 0, where a view has it.
  var isAtEmbedding = false
  /// The token whose row and column stand out.
  var selected: Int?
  /// Cursors of axes that are not of layers; those of tokens follow the newest where they have none.
  private var cursors: [HeatmapAxis.Kind: Int] = [:]

  var view: any HeatmapView { HeatmapViews.families[place.family][place.member] }

  mutating func nextFamily() {
    place = Place(family: (place.family + 1) % HeatmapViews.families.count)
  }

  mutating func nextMember() {
    place.member = (place.member + 1) % HeatmapViews.families[place.family].count
  }

  /// nil where it follows the newest.
  subscript(cursor kind: HeatmapAxis.Kind) -> Int? {
    get { cursors[kind] ?? (kind.isText ? nil : 0) }
    set { cursors[kind] = newValue }
  }

  /// The index of an axis that the cursor is on.
  ///
  /// - Parameter layer: The layer under the cursor, which axes of layers share with other panes.
  func cursor(on axis: HeatmapAxis, layer: Int) -> Int {
    switch axis.kind {
    case .layer: max(0, min(layer, axis.count - 1))
    case .place: isAtEmbedding && layer == 0 ? 0 : max(0, min(layer + 1, axis.count - 1))
    case .sublayerPlace:
      // The half of the layer that the cursor was put on, or its end.
      isAtEmbedding && layer == 0
        ? 0
        : max(
          0,
          min(self[cursor: .sublayerPlace] == 2 * layer + 1 ? 2 * layer + 1 : 2 * layer + 2, axis.count - 1))
    default: max(0, min(self[cursor: axis.kind] ?? .max, axis.count - 1))
    }
  }
}

/// The layers that maps show.
enum LayerFilter: Sendable, Hashable {
  case all
  /// Those of which something runs.
  case running
  case some(Set<Int>)

  func shows(_ layer: Int, _ plan: Plan) -> Bool {
    switch self {
    case .all: true
    case .running: Plan.Sublayer.allCases.contains { plan.runs($0, layer: layer) }
    case .some(let layers): layers.contains(layer)
    }
  }
}

/// The size of a map's cells.
struct HeatmapZoom: Sendable, Hashable {
  /// Columns of the screen that a cell takes.
  var width = 1
  /// Tokens in a cell.
  var pooled = 1

  private static let widths = [1, 2, 3, 5, 9, 14]

  /// One step in or out; itself where there is none.
  func stepped(in isIn: Bool) -> HeatmapZoom {
    if pooled > 1 || !isIn && width == 1 {
      return HeatmapZoom(pooled: max(1, isIn ? pooled / 2 : min(1 << 20, pooled * 2)))
    }
    let next = isIn ? Self.widths.first { $0 > width } : Self.widths.last { $0 < width }
    return HeatmapZoom(width: next ?? width)
  }
}
