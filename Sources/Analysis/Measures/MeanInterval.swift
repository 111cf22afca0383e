import Foundation

/// A mean over a few independent measurements, such as prompts, with its interval of confidence.
public struct MeanInterval: Sendable, Hashable {
  public let count: Int
  public let mean: Double
  /// Half the width of the 95 % interval by Student's t; nil of a single value.
  public let margin: Double?

  /// The mean of `values`; NaN where one is, nil of none.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let number = Double(values.count)
    let mean = values.reduce(0, +) / number
    self.mean = mean
    guard values.count > 1 else {
      margin = nil
      return
    }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (number - 1)
    margin = Self.quantile(values.count - 1) * (variance / number).squareRoot()
  }

  /// The 0.975 quantile of Student's t, by degrees of freedom from 1 on.
  private static let quantiles = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
  ]

  /// Beyond the table by its expansion around the normal quantile (Cornish and Fisher 1938).
  static func quantile(_ freedom: Int) -> Double {
    if freedom <= quantiles.count { return quantiles[freedom - 1] }
    let z = 1.959964, n = Double(freedom)
    return z + (pow(z, 3) + z) / (4 * n) + (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * n * n)
  }
}
