import Inference

/// Columns of the Layers pane, as many as there is room for: figures always, then bars, then bits.
struct LayerColumns {
  var bar: Int
  var hasBits: Bool
  let hasDamage: Bool
  /// Whether figures go without their leading zero.
  private let isNarrow: Bool

  init(width: Int, hasDamage: Bool) {
    self.hasDamage = hasDamage
    isNarrow = hasDamage && width < 38
    let figures = hasDamage ? 12 : 0
    let withBits = (width - 30 - figures) / 2
    hasBits = withBits >= (hasDamage ? 3 : 4)
    bar = max(0, min(12, hasBits ? withBits : (width - 24 - figures) / 2))
    if bar < 3 { bar = 0 }
  }

  /// A sign and a figure, a bar if there is one, and another figure.
  var sublayer: Int { 2 + figure + (bar > 0 ? bar + 1 : 0) + (hasDamage ? 1 + figure : 0) }

  func x(_ sublayer: Plan.Sublayer) -> Int { sublayer == .attention ? 5 : 5 + self.sublayer + 2 }

  var bits: Int { x(.mlp) + sublayer + 1 }

  private var figure: Int { isNarrow ? 4 : 5 }

  func similarity(_ value: Float) -> String { fitted(value.isAbsent ? "–" : Figures.similarity(value)) }

  /// `0.031`, `2.91`, `12.4`.
  func damage(_ kl: Double?) -> String { fitted(kl.map(Figures.kl) ?? "–") }

  private func fitted(_ text: String) -> String {
    var text = text
    if text.count > figure, text.hasPrefix("0.") { text.removeFirst() }
    return text.padded(to: figure)
  }
}
