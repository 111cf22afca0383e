import Analysis
import Foundation
import Inference
import Interface

/// The results of a search, to print.
struct SearchOutput: Encodable {
  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Point: Encodable {
    var method: String
    var plan: Plan
    var kl: Double
    var perplexity: Double
    var same_top: Double
    var bytes_per_token: Int
    var kv_bytes_per_token: Int
    var bits_per_weight: Double
    var tok_per_s: Double?

    init(_ point: SearchPoint) {
      method = point.method?.rawValue ?? "baseline"
      plan = point.plan
      kl = point.damage.kl
      perplexity = point.damage.perplexity
      same_top = point.damage.sameTop
      bytes_per_token = point.bytesPerToken
      kv_bytes_per_token = point.kvBytesPerToken
      bits_per_weight = point.bitsPerWeight
      tok_per_s = point.tokensPerSecond
    }
  }

  var target: String
  // swift-format-ignore: AlwaysUseLowerCamelCase
  var searched_tokens: Int
  // swift-format-ignore: AlwaysUseLowerCamelCase
  var judged_tokens: Int
  /// The plans to which no other is better in both KL and bytes.
  var frontier: [Point]
  /// Every plan that a method proposed.
  var points: [Point]
  /// The plan of each method that meets the target, the best first.
  var found: [Point]
  /// The method whose plan meets the target best; null where none does.
  var winner: String?

  init(_ report: SearchReport) {
    target = report.target
    searched_tokens = report.searchedTokens
    judged_tokens = report.judgedTokens
    frontier = report.frontier.map(Point.init)
    points = report.points.map(Point.init)
    found = report.found.map(Point.init)
    winner = found.first?.method
  }

  /// For people.
  var lines: [String] {
    let head = "method          KL  perplexity  same top  MB/token    tok/s  plan"
    func row(_ point: Point) -> String {
      let figures = [
        Figures.fixed(point.kl, 4).leftPadded(8), Figures.fixed(point.perplexity, 2).leftPadded(11),
        (Figures.fixed(100 * point.same_top, 1) + " %").leftPadded(9),
        Figures.fixed(Double(point.bytes_per_token) / 1e6, 1).leftPadded(9),
        (point.tok_per_s.map { Figures.fixed($0, 1) } ?? "–").leftPadded(8),
      ]
      return point.method.padding(toLength: 10, withPad: " ", startingAt: 0) + figures.joined(separator: " ")
        + "  \(point.plan)"
    }
    var lines = ["frontier", head] + frontier.map(row) + ["", "\(target), the best first"]
    lines += found.isEmpty ? ["no method reached it"] : [head] + found.map(row)
    return lines + ["", "chosen on \(searched_tokens) tokens, judged on \(judged_tokens) others"]
  }
}
