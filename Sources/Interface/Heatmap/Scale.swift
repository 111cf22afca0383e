import Foundation

/// How values become shades and bars.
enum ScaleKind: Sendable, Hashable, CaseIterable {
  /// As suits what is shown. Similarity: by the decades of importance, 1 − similarity. Nearly all sublayers are
  /// above 0.9, so this tells them apart and still compares between maps.
  case natural
  /// In proportion to the value.
  case linear
  /// From the tenth percentile of what is shown to its largest value.
  case stretched

  var next: ScaleKind {
    let all = Self.allCases
    return all[(all.firstIndex(of: self)! + 1) % all.count]
  }

  /// The scale for values of which `sample` is a part.
  func scale(for quantity: Quantity, _ sample: [Float]) -> Scale {
    let values = sample.filter(\.isFinite).map(Double.init).sorted()
    func label(_ value: Double) -> String { quantity.text(Float(value)).trimmedZeros }
    switch self {
    case .stretched:
      let top = values.last ?? 1, bottom = values.isEmpty ? 0 : values[values.count / 10]
      let width = max(1e-3 * max(1, abs(top)), top - bottom)
      return Scale(low: "≤" + quantity.text(Float(bottom)), high: quantity.text(Float(top))) {
        ($0 - (top - width)) / width
      }
    case .natural where quantity.spacing == .closeToOne:
      return Scale(low: "0", high: ".999") { -log10(max(1e-9, 1 - max(0, $0))) / 3 }
    case .natural where quantity.spacing == .logarithmic:
      let range = quantity.range ?? Self.positiveRange(values)
      let width = log(range.upperBound / range.lowerBound)
      return Scale(low: "≤" + label(range.lowerBound), high: label(range.upperBound)) {
        $0 > 0 ? log($0 / range.lowerBound) / width : 0
      }
    case .natural, .linear:
      let range = quantity.range ?? min(0, values.first ?? 0)...max(1e-9, values.last ?? 1)
      let low = quantity.spacing == .logarithmic ? 0 : range.lowerBound
      return Scale(low: label(low), high: label(range.upperBound)) {
        ($0 - low) / (range.upperBound - low)
      }
    }
  }

  private static func positiveRange(_ sorted: [Double]) -> ClosedRange<Double> {
    guard let low = sorted.first(where: { $0 > 0 }), let high = sorted.last, low < high else {
      return 0.1...1
    }
    return low...high
  }
}

/// A scale with the names of its ends.
struct Scale: Sendable {
  var low: String
  var high: String
  private var place: @Sendable (Double) -> Double

  init(low: String, high: String, place: @escaping @Sendable (Double) -> Double) {
    self.low = low
    self.high = high
    self.place = place
  }

  /// From 0 to 1; nil for what was not measured.
  func fraction(_ value: Float) -> Double? {
    value.isFinite ? min(1, max(0, place(Double(value)))) : nil
  }
}

extension String {
  /// `1.000` → `1`, `0.100` → `0.1`.
  fileprivate var trimmedZeros: String {
    guard contains(".") else { return self }
    var text = self
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
