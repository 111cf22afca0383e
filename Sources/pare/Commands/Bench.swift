import Analysis
import ArgumentParser
import Foundation
import Inference
import Quantization

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

  @Flag(help: "Measure with what a chat records: similarities, and streams to change plans by.")
  var probes = false

  @Flag(help: "Measure what the machine can do at most, and which part of it is reached.")
  var roof = false

  @Option(help: "Measure instead how long re-encoding all weights at these bits takes.")
  var requantize: BitWidth?

  @Flag(help: "Compare every kernel with the scalar one instead; needs no model.")
  var selfTest = false

  @Option(help: "The kernels to use: a name that --self-test lists (default: the fastest that work).")
  var kernels: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if prompt < 0 || tokens < 0 || depth < 0 { throw ValidationError("-p, -n and --depth: use 0 or more") }
    if repetitions < 1 { throw ValidationError("-r \(repetitions): use 1 or more") }
  }

  func run() throws {
    if selfTest { return try testKernels() }
    let clock = ContinuousClock()
    let start = clock.now
    let context = try model.open(plan, recordsSimilarity: probes, keepsStream: probes, kernels: kernels)
    if let requantize { return try measureEncoding(at: requantize, in: context) }
    let loadSeconds = (clock.now - start).seconds
    var test = SpeedTest()
    test.promptTokens = prompt
    test.decodedTokens = tokens
    test.repetitions = repetitions
    test.depth = depth
    let before = roof ? Roofs(threads: context.summary.threads) : nil
    let result = try test.run(in: context, progress: progress("measuring"))
    // The machine may be shared: its roofs are measured before and after.
    let roofs = before.map { $0.better(of: Roofs(threads: context.summary.threads)) }
    let report = BenchReport(result, test, roofs, context, loadSeconds: loadSeconds)
    if json { try printJSON(report) } else { try report.printLines() }
  }

  /// Re-encodes the file's weights `repetitions` times. The first time also measures activations at narrow
  /// widths.
  private func measureEncoding(at width: BitWidth, in context: InferenceContext) throws {
    var plan = Plan()
    plan.bits.default = width
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<repetitions {
      try context.use(.baseline)
      let time = try clock.measure { try context.use(plan, progress: progress("re-encoding")) }
      times.append(time.seconds)
    }
    context.noteWarnings()
    let report = EncodingReport(
      requantize_s: times.min() ?? 0, first_requantize_s: times.first ?? 0,
      source_bytes: context.figures().baselineWeightBytesPerToken,
      bits_per_weight: context.figures().bitsPerWeight)
    if json { return try printJSON(report) }
    try printLine("\(context.summary.name) · bits \(width.rawValue) · \(context.summary.threads) threads")
    try printLine(
      String(
        format: "re-encoding  %.3f s (the first time %.3f s)   from %.1f MB   %.2f b/w", report.requantize_s,
        report.first_requantize_s, Double(report.source_bytes) / 1e6, report.bits_per_weight))
  }

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct EncodingReport: Encodable {
    var requantize_s: Double
    var first_requantize_s: Double
    var source_bytes: Int
    var bits_per_weight: Double
  }

  /// Compares all sets with the scalar one over many shapes.
  private func testKernels() throws {
    var verdicts: [String: String] = [:]
    for set in Kernels.available {
      let rounds = (1...20 as ClosedRange<UInt64>).lazy
      let difference = rounds.compactMap { seed in
        var test = KernelSelfTest(set, seed: seed)
        return test.difference(size: 40 * Int(seed % 8 + 1))
      }.first
      verdicts[set.name] = difference ?? "ok"
      if !json { try printLine("\(set.name): \(verdicts[set.name] ?? "")") }
    }
    if json { try printJSON(["kernels": verdicts]) }
    if verdicts.values.contains(where: { $0 != "ok" }) { throw ExitCode(1) }
  }
}
