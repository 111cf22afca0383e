import Foundation

/// The mapping from values to shades and bars.
public enum ScaleKind: String, Sendable, Hashable, CaseIterable {
  /// As suits what is shown. Similarity: by the decades of importance, 1 − similarity. Nearly all sublayers
  /// are above 0.9, so this tells them apart and still compares between maps.
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
    // Not every scale asks for them.
    lazy var values = sample.filter(\.isFinite).map(Double.init).sorted()
    func label(_ value: Double) -> String { quantity.text(Float(value)).trimmedZeros }
    switch self {
    case .stretched:
      let top = values.last ?? 1, bottom = values.isEmpty ? 0 : values[values.count / 10]
      let width = max(1e-3 * max(1, abs(top)), top - bottom)
      return Scale(
        low: "≤" + quantity.text(Float(bottom)), high: quantity.text(Float(top)),
        marks: Scale.evenMarks(top - width, top), label: label
      ) {
        ($0 - (top - width)) / width
      }
    case .natural where quantity.spacing == .closeToOne:
      return Scale(low: "0", high: ".999", marks: [0, 0.9, 0.99, 0.999], label: label) {
        -log10(max(1e-9, 1 - max(0, $0))) / 3
      }
    case .natural where quantity.spacing == .logarithmic:
      let range = quantity.range ?? Self.positiveRange(values)
      let width = log(range.upperBound / range.lowerBound)
      return Scale(
        low: "≤" + label(range.lowerBound), high: label(range.upperBound),
        marks: Scale.logarithmicMarks(range.lowerBound, range.upperBound), label: label
      ) {
        $0 > 0 ? log($0 / range.lowerBound) / width : 0
      }
    case .natural, .linear:
      let range = quantity.range ?? min(0, values.first ?? 0)...max(1e-9, values.last ?? 1)
      let low = quantity.spacing == .logarithmic ? 0 : range.lowerBound
      return Scale(
        low: label(low), high: label(range.upperBound), marks: Scale.evenMarks(low, range.upperBound),
        label: label
      ) {
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
  /// Values worth a mark, and how they are written.
  private var marks: [(value: Double, label: String)]
  private var place: @Sendable (Double) -> Double

  init(
    low: String, high: String, marks: [Double], label: (Double) -> String,
    place: @escaping @Sendable (Double) -> Double
  ) {
    self.low = low
    self.high = high
    self.marks = marks.map { ($0, label($0)) }
    self.place = place
  }

  /// From 0 to 1; nil for what was not measured, or is no finite number.
  func fraction(_ value: Float) -> Double? {
    value.isFinite ? min(1, max(0, place(Double(value)))) : nil
  }

  /// The places of the marks.
  var ticks: [(fraction: Double, label: String)] {
    marks.compactMap { mark in
      let fraction = place(mark.value)
      return (-0.001...1.001).contains(fraction) ? (min(1, max(0, fraction)), mark.label) : nil
    }
  }

  /// The smallest of 1, 2, 5, 10, 20, … that is not below.
  static func niceStep(_ least: Double) -> Double {
    guard least.isFinite, least > 0 else { return 1 }
    let power = pow(10, floor(log10(least)))
    return ([1, 2, 5].first { $0 * power >= least * 0.999 } ?? 10) * power
  }

  fileprivate static func evenMarks(_ low: Double, _ high: Double) -> [Double] {
    let step = niceStep((high - low) / 5)
    guard high > low, step.isFinite, (high - low) / step < 100 else { return [low, high] }
    return Array(stride(from: (low / step).rounded(.up) * step, through: high + step / 1000, by: step))
  }

  /// The powers of ten, or the ends where there are fewer than two.
  fileprivate static func logarithmicMarks(_ low: Double, _ high: Double) -> [Double] {
    let powers = (-9...12).map { pow(10, Double($0)) }.filter { low * 0.999 <= $0 && $0 <= high * 1.001 }
    return powers.count > 1 ? powers : [low, (low * high).squareRoot(), high]
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
