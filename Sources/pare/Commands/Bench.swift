import Analysis
import ArgumentParser
import Foundation
import Inference

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure prefill and decode speed as llama-bench counts them.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions

  @Option(name: [.customShort("p"), .long], help: "Tokens read at once; 0 leaves prefill out.")
  var prompt = 512

  @Option(name: [.customShort("n"), .long], help: "Tokens decoded one by one; 0 leaves decode out.")
  var tokens = 128

  @Option(name: [.customShort("r"), .long], help: "Repetitions.")
  var repetitions = 3

  @Option(help: "Tokens in the context before decoding starts.")
  var depth = 0

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if prompt < 0 || tokens < 0 || depth < 0 { throw ValidationError("-p, -n and --depth: use 0 or more") }
    if repetitions < 1 { throw ValidationError("-r \(repetitions): use 1 or more") }
  }

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Output: Encodable {
    struct Speed: Encodable {
      var tokens: Int
      var tok_per_s: [Double]
    }
    var model: String
    var plan: Plan
    var threads: Int
    var kernels: String
    var prefill: Speed
    var decode: Speed
    var load_s: Double
    var bytes_per_token: Int
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let context = try model.open(plan)
    let loadSeconds = (clock.now - start).seconds
    var test = SpeedTest()
    test.promptTokens = prompt
    test.decodedTokens = tokens
    test.repetitions = repetitions
    test.depth = depth
    let result = try test.run(in: context, progress: progress("measuring"))
    let summary = context.summary, figures = context.figures()
    let bytes = figures.weightBytesPerToken + figures.kvBytesPerPosition * (depth + tokens / 2)
    if json {
      return try printJSON(
        Output(
          model: summary.name, plan: context.plan, threads: summary.threads, kernels: summary.kernels,
          prefill: .init(tokens: prompt, tok_per_s: result.prefill),
          decode: .init(tokens: tokens, tok_per_s: result.decode), load_s: loadSeconds, bytes_per_token: bytes
        ))
    }
    print("\(summary.name) · \(context.plan) · \(summary.threads) threads · \(summary.kernels)")
    for (name, count, speeds) in [("prefill", prompt, result.prefill), ("decode", tokens, result.decode)]
    where !speeds.isEmpty {
      let sorted = speeds.sorted()
      print(
        String(
          format: "%-8@ %6d tokens  %8.1f tok/s  (%.1f – %.1f)", name, count, sorted[sorted.count / 2],
          sorted[0], sorted[sorted.count - 1]))
    }
    print(String(format: "load     %.3f s   %.1f MB/token", loadSeconds, Double(bytes) / 1e6))
  }
}
