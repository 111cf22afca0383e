import Analysis
import Foundation
import Inference

/// The output of `bench`. The names are those that scripts rely on.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct BenchReport: Encodable {
  struct Speed: Encodable {
    var tokens: Int
    var tok_per_s: [Double]

    /// The median.
    var middle: Double? { tok_per_s.isEmpty ? nil : tok_per_s.sorted()[tok_per_s.count / 2] }
  }

  struct Roof: Encodable {
    var read_gb_per_s: Double
    var int8_gmac_per_s: Double
    var fma_gflop_per_s: Double
    /// Bytes read a second over what can be read; products a second over what 8-bit arithmetic can do.
    var decode_fraction: Double?
    var prefill_fraction: Double?
  }

  var model: String
  var plan: Plan
  var threads: Int
  var kernels: String
  var prefill: Speed
  var decode: Speed
  var load_s: Double
  var bytes_per_token: Int
  var roof: Roof?

  init(
    _ result: SpeedTest.Result, _ test: SpeedTest, _ roofs: Roofs?, _ context: InferenceContext,
    loadSeconds: Double
  ) {
    let summary = context.summary, figures = context.figures()
    model = summary.name
    plan = context.plan
    threads = summary.threads
    kernels = summary.kernels
    prefill = Speed(tokens: test.promptTokens, tok_per_s: result.prefill)
    decode = Speed(tokens: test.decodedTokens, tok_per_s: result.decode)
    load_s = loadSeconds
    bytes_per_token =
      figures.weightBytesPerToken + figures.kvBytesPerPosition * (test.depth + test.decodedTokens / 2)
    roof = roofs.map { [prefill, decode, bytes_per_token] roofs in
      Roof(
        read_gb_per_s: roofs.readBytesPerSecond / 1e9, int8_gmac_per_s: roofs.int8PerSecond / 1e9,
        fma_gflop_per_s: 2 * roofs.fmaPerSecond / 1e9,
        decode_fraction: decode.middle.map { $0 * Double(bytes_per_token) / roofs.readBytesPerSecond },
        prefill_fraction: prefill.middle.map {
          $0 * Double(context.multiplyAddsPerPromptToken) / roofs.int8PerSecond
        })
    }
  }

  func printLines() throws {
    try printLine("\(model) · \(plan) · \(threads) threads · \(kernels)")
    for (name, speed) in [("prefill", prefill), ("decode", decode)] {
      guard let middle = speed.middle, let least = speed.tok_per_s.min(), let most = speed.tok_per_s.max()
      else {
        continue
      }
      try printLine(
        String(
          format: "%-8@ %6d tokens  %8.1f tok/s  (%.1f – %.1f)", name, speed.tokens, middle, least, most))
    }
    try printLine(String(format: "load     %.3f s   %.1f MB/token", load_s, Double(bytes_per_token) / 1e6))
    guard let roof else { return }
    try printLine(
      String(
        format: "roofs    read %.1f GB/s   8-bit products %.0f GMAC/s   f32 %.0f GFLOP/s", roof.read_gb_per_s,
        roof.int8_gmac_per_s, roof.fma_gflop_per_s))
    let fractions = [("prefill", roof.prefill_fraction), ("decode", roof.decode_fraction)].compactMap {
      name, part in
      part.map { String(format: "%@ %.0f %%", name, 100 * $0) }
    }
    try printLine("reached  " + fractions.joined(separator: "   "))
  }
}
