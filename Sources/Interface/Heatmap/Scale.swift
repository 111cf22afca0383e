import Foundation

/// How similarities become shades and bars.
enum ScaleKind: Sendable, Hashable, CaseIterable {
  /// By the decades of importance, 1 − similarity: 0.9, 0.99 and 0.999 are as far apart. Nearly all sublayers are
  /// above 0.9, so this tells them apart and still compares between maps.
  case decades
  /// From 0 to 1.
  case linear
  /// From the tenth percentile of what is shown to its largest value.
  case stretched

  var next: ScaleKind {
    let all = Self.allCases
    return all[(all.firstIndex(of: self)! + 1) % all.count]
  }

  func scale(for values: [[Float]]) -> Scale {
    switch self {
    case .decades: return Scale(low: "0", high: ".999") { -log10(max(1e-9, 1 - max(0, $0))) / 3 }
    case .linear: return Scale(low: "0", high: "1") { $0 }
    case .stretched:
      let (bottom, top) = Self.spread(of: values)
      let width = max(1e-3, Double(top - bottom))
      return Scale(
        low: "≤" + Figures.fixed(Double(bottom), 3), high: Figures.fixed(Double(top), 3)
      ) { ($0 - (Double(top) - width)) / width }
    }
  }

  private static func spread(of values: [[Float]]) -> (bottom: Float, top: Float) {
    // A sample is enough for a percentile, and keeps long contexts cheap.
    let stride = max(1, values.reduce(0) { $0 + $1.count } / 4096)
    var sample: [Float] = []
    var position = 0
    for row in values {
      for value in row where value.isFinite {
        if position % stride == 0 { sample.append(value) }
        position += 1
      }
    }
    sample.sort()
    guard let top = sample.last else { return (0, 1) }
    return (sample[sample.count / 10], top)
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
