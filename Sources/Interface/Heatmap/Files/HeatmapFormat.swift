import Foundation

/// The format of a file with a map.
public enum HeatmapFormat: String, Sendable, CaseIterable {
  case svg, csv

  /// By the ending of a file's name.
  public init?(path: String) {
    self.init(rawValue: (path as NSString).pathExtension.lowercased())
  }

  /// - Parameters:
  ///   - caption: Model and plan of the figure.
  ///   - focus: The column that a figure shows where it cannot show all.
  ///   - tokens: The positions that are written; nil for all.
  func text(of map: Heatmap, kind: ScaleKind, caption: String, focus: Int, tokens: Range<Int>?) -> String {
    switch self {
    case .csv: map.csv(tokens: tokens)
    case .svg: HeatmapPicture(map, kind: kind, caption: caption, focus: focus, tokens: tokens).svg()
    }
  }
}
