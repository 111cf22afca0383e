import ArgumentParser
import Inference
import Sessions

/// How the next token is drawn; what is not given comes from the settings.
struct SamplingArguments: ParsableArguments {
  @Option(name: [.customLong("temp"), .long], help: "Temperature; 0 takes the likeliest token.")
  var temperature: Float?

  @Option(help: "Keep the k likeliest tokens; 0 keeps all.")
  var topK: Int?

  @Option(help: "Keep the likeliest tokens up to this probability.")
  var topP: Float?

  @Option(help: "Keep tokens at least this likely, relative to the likeliest.")
  var minP: Float?

  @Option(help: "Penalty of recent tokens; 1 is none.")
  var repeatPenalty: Float?

  @Option(help: "Seed of the random numbers; the same seed gives the same answer.")
  var seed: UInt64?

  func validate() throws {
    func check(_ name: String, _ value: Float?, _ allowed: ClosedRange<Float>) throws {
      if let value, !allowed.contains(value) {
        throw ValidationError("--\(name) \(value): use \(allowed.lowerBound) to \(allowed.upperBound)")
      }
    }
    try check("temp", temperature, 0...100)
    try check("top-p", topP, 0...1)
    try check("min-p", minP, 0...1)
    try check("repeat-penalty", repeatPenalty, 0.01...100)
    if let topK, topK < 0 { throw ValidationError("--top-k \(topK): use 0 or more") }
  }

  func options() throws -> SamplingOptions {
    var options = try Settings.load(from: Directories().settingsFile).settings.sampling
    if let temperature { options.temperature = temperature }
    if let topK { options.topK = topK }
    if let topP { options.topP = topP }
    if let minP { options.minP = minP }
    if let repeatPenalty { options.repeatPenalty = repeatPenalty }
    if let seed { options.seed = seed }
    return options
  }
}
