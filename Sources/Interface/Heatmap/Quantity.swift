/// The kind of a map's values: their name, their digits and their natural scale.
struct Quantity: Sendable {
  /// In legends, and as the head of a column in files: `cosine`, `probability`.
  var name: String
  var unit: String?
  var decimals = 3
  var spacing = Spacing.linear
  /// The values that get the ends of the scale; nil for the least and the largest of what is shown.
  var range: ClosedRange<Double>?

  enum Spacing: Sendable {
    case linear
    case logarithmic
    /// By the decades of 1 − value: 0.9, 0.99 and 0.999 are as far apart.
    case closeToOne
  }

  static let cosine = Quantity(name: "cosine", spacing: .closeToOne, range: 0...1)
  static let probability = Quantity(name: "probability", range: 0...1)

  /// With the digits that matter, and no unit.
  func text(_ value: Float) -> String { Figures.fixed(Double(value), decimals) }

  var legend: String { name + (unit.map { " [\($0)]" } ?? "") }
}
