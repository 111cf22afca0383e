import Quantization

extension Weights {
  /// Remarks on encoded weights that a user must know of: one line each, which names the matrices.
  var warnings: [String] {
    var warnings: [String] = []
    let infinite = matrices.values.filter { $0.largestWeight == .infinity }
    if !infinite.isEmpty {
      warnings.append(
        "\(Self.names(infinite)): not all weights are finite numbers, so what is computed with them is none: "
          + "`pare inspect --check` tells where")
    }
    let wide = matrices.values.filter(\.isWidened)
    if let largest = wide.map(\.largestWeight).max() {
      warnings.append(
        "\(Self.names(wide)): weights up to \(largest) are too large for scales of f16 at fewer bits: "
          + "encoded with wider scales")
    }
    return warnings
  }

  /// The tensors of matrices, the first three by name.
  private static func names(_ matrices: [PackedMatrix]) -> String {
    Set(matrices.map(\.tensorName)).sorted().listed
  }
}

extension [String] {
  /// The first three, and how many more there are.
  var listed: String {
    prefix(3).joined(separator: ", ") + (count > 3 ? " and \(count - 3) others" : "")
  }
}
