import Inference
import Terminal

/// The colours of heatmaps in files: viridis, which everyone sees grow lighter alike, in print too.
enum ColorMap {
  /// Shades that files tell apart.
  static let steps = 256

  /// The colour of one of ``steps`` shades.
  static func color(step: Int) -> RGB {
    RGB(at: Double(step) / Double(steps - 1), through: Ramp.viridisAnchors)
  }

  static func step(_ fraction: Double) -> Int {
    min(steps - 1, max(0, Int(nearest: (fraction * Double(steps)).rounded(.down))))
  }
}
