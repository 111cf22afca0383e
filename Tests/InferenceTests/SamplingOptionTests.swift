import Foundation
import GGUF
import TestModels
import Testing

@testable import Inference

/// Options by name: one table for settings, commands, journals and model files.
@Suite struct SamplingOptionTests {
  @Test func everyOptionIsInTheTable() {
    // Variables of templates have names of their own.
    #expect(Mirror(reflecting: SamplingOptions()).children.count == SamplingOption.all.count + 1)
    #expect(Set(SamplingOption.all.map(\.key)).count == SamplingOption.all.count)
  }

  /// Each option takes its own text back and changes nothing else.
  @Test(arguments: [
    ("temperature", "0.35"), ("top_k", "0"), ("top_p", "1.0"), ("min_p", "0.25"), ("typical_p", "0.5"),
    ("top_n_sigma", "1.5"), ("xtc_probability", "0.5"), ("xtc_threshold", "0.25"), ("min_keep", "3"),
    ("repeat_penalty", "1.25"), ("frequency_penalty", "-0.5"), ("presence_penalty", "0.75"),
    ("repeat_window", "9"), ("dry_multiplier", "0.8"), ("dry_base", "2.0"), ("dry_allowed_length", "4"),
    ("dry_window", "1024"), ("dry_breakers", "\\n,\\,,a b,\\\\,\\t"), ("dry_breakers", "none"),
    ("mirostat", "2"), ("mirostat_tau", "4.5"), ("mirostat_eta", "0.2"),
    ("logit_bias", "5-inf,257-0.5,15043+1.0"), ("seed", "18446744073709551615"),
    ("think", "low"), ("think", "none"), ("think_budget", "0"), ("template.effort", "a b"),
  ])
  func roundTripsAsText(key: String, text: String) throws {
    let option = try SamplingOption.named(key)
    var options = SamplingOptions()
    try option.set(text, in: &options)
    #expect(option.text(in: options) == text)
    for other in SamplingOption.all where other.key != key {
      #expect(other.text(in: options) == other.text(in: SamplingOptions()))
    }
    // Choosing it leaves the rest to the defaults.
    var choices = SamplingChoices()
    try choices.set(option, to: text)
    var defaults = SamplingOptions()
    (defaults.temperature, defaults.topK, defaults.seed) = (0.1, 3, 8)
    var expected = defaults
    try option.set(text, in: &expected)
    #expect(choices.over(defaults) == expected && choices.over() == options)
    #expect(SamplingChoices(all: options).over(defaults) == options)
  }

  @Test func unsettingAndErrors() throws {
    var options = SamplingOptions()
    for (key, text) in [("seed", "3"), ("logit_bias", "1+1")] {
      try SamplingOption.named(key).set(text, in: &options)
      try SamplingOption.named(key).set("none", in: &options)
    }
    #expect(options == SamplingOptions())
    #expect(throws: SettingError.self) { try SamplingOption.named("warmth") }
    for (key, text) in [
      ("temperature", "nan"), ("temperature", "-1"), ("top_k", "1.5"), ("mirostat", "3"), ("seed", "-1"),
      ("logit_bias", ""), ("logit_bias", "5"), ("logit_bias", "+1"), ("logit_bias", "5+x"),
      ("logit_bias", "5+nan"), ("logit_bias", "5+1,"), ("logit_bias", "x+1"), ("dry_breakers", ""),
      ("dry_breakers", "a,"), ("dry_breakers", "\\x"), ("dry_breakers", "a\\"), ("dry_base", "0.5"),
    ] {
      #expect(throws: SettingError.self, "\(key) \(text)") {
        try SamplingOption.named(key).set(text, in: &options)
      }
    }
  }

  /// The names are those that llama.cpp reads; choices win over them.
  @Test func modelFilesNameTheirDefaults() throws {
    let metadata: Metadata = [
      "general.sampling.temp": .float32(0.6), "general.sampling.top_k": .uint32(20),
      "general.sampling.top_p": .float64(0.9), "general.sampling.min_p": .float32(0),
      "general.sampling.xtc_probability": .float32(0.5), "general.sampling.xtc_threshold": .float32(0.25),
      "general.sampling.penalty_last_n": .int32(128), "general.sampling.penalty_repeat": .float32(1.5),
      "general.sampling.mirostat": .int32(2), "general.sampling.mirostat_tau": .int32(4),
      "general.sampling.mirostat_eta": .float32(0.25), "general.sampling.sequence": .string("kpt"),
    ]
    var expected = SamplingOptions()
    (expected.temperature, expected.topK, expected.topP, expected.minP) = (0.6, 20, 0.9, 0)
    (expected.xtcProbability, expected.xtcThreshold) = (0.5, 0.25)
    (expected.repeatWindow, expected.repeatPenalty) = (128, 1.5)
    (expected.mirostat, expected.mirostatTau, expected.mirostatEta) = (2, 4, 0.25)
    let defaults = SamplingOptions(metadata: metadata)
    #expect(defaults == expected)
    var choices = SamplingChoices()
    try choices.set(.named("temperature"), to: "0.8")
    expected.temperature = 0.8  // though it is llama.cpp's default
    #expect(choices.over(defaults) == expected)
    #expect(SamplingOptions(metadata: [:]) == SamplingOptions())
  }

  /// Small models draw otherwise, unless their file says how; who asks for the likeliest token gets that.
  @Test func smallModelsHaveTheirOwn() throws {
    let few = SamplingOptions.smallParameters - 1
    #expect(SamplingOptions(metadata: [:], parameters: few) == .small)
    #expect(SamplingOptions(metadata: [:], parameters: few + 1) == SamplingOptions())
    let named: Metadata = ["general.sampling.temp": .float32(0.8)]
    #expect(SamplingOptions(metadata: named, parameters: few) == SamplingOptions())
    var choices = SamplingChoices()
    try choices.set(.named("temperature"), to: "0.5")
    #expect(choices.over(.small).repeatPenalty == SamplingOptions.small.repeatPenalty)
    try choices.set(.named("temperature"), to: "0")
    #expect(choices.over(.small).repeatPenalty == 1)
    try choices.set(.named("repeat_penalty"), to: "1.2")
    #expect(choices.over(.small).repeatPenalty == 1.2)
    for (option, value) in [("top_k", "1"), ("top_p", "0")] {
      var likeliest = SamplingChoices()
      try likeliest.set(.named(option), to: value)
      #expect(likeliest.over(.small).repeatPenalty == 1)
      // Models come with a loop guard, and with what is remembered of thinking.
      var defaults = SamplingOptions.small
      (defaults.loopGuard, defaults.think) = (SamplingOptions.standard.loopGuard, .off)
      #expect(likeliest.over(defaults).repeatPenalty == 1)
    }
  }

  /// Converters copy the values of a model's own configuration; llama.cpp gives each of these a meaning.
  @Test(
    arguments: [
      ("top_k", .int32(-1), "top_k", "0"), ("top_k", .uint32(0), "top_k", "0"),
      ("top_k", .float32(2.5), "top_k", "2"), ("penalty_last_n", .int32(-1), "repeat_window", "10000000"),
      ("penalty_last_n", .int32(-2), "repeat_window", "0"), ("temp", .float32(-1), "temperature", "0.0"),
      ("temp", .float32(.nan), "temperature", "0.8"), ("temp", .string("hot"), "temperature", "0.8"),
      ("temp", .string("0.5"), "temperature", "0.5"), ("temp", .float64(1e300), "temperature", "100.0"),
      ("top_p", .float64(1e300), "top_p", "1.0"), ("top_p", .float32(1.5), "top_p", "1.0"),
      ("min_p", .float32(-0.1), "min_p", "0.0"), ("mirostat", .uint32(7), "mirostat", "0"),
      ("xtc_probability", .float32(-.infinity), "xtc_probability", "0.0"),
      ("top_k", .array(MetadataArray([1] as [Int32])), "top_k", "40"),
      ("top_k", .uint64(.max), "top_k", "10000000"),
    ] as [(String, MetadataValue, String, String)])
  func readAsLlamaCppReadsThem(key: String, value: MetadataValue, option: String, text: String) throws {
    let options = SamplingOptions(metadata: ["general.sampling.\(key)": value])
    #expect(try SamplingOption.named(option).text(in: options) == text)
  }

  @Test func theEngineTellsTheModelsDefaults() throws {
    var model = TinyModel.llama()
    model.metadata["general.sampling.temp"] = .float32(0.3)
    try model.withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 1, context: 64)
      #expect(context.summary.sampling.temperature == 0.3 && context.summary.sampling.topK == 40)
    }
  }
}
