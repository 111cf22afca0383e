import GGUF

/// The sampling options that a user chose. The rest is left to the model, whose file may name defaults of its
/// own, and to llama.cpp's defaults.
public struct SamplingChoices: Sendable, Hashable {
  private var values = SamplingOptions()
  private var chosen: Set<String> = []

  /// Nothing is chosen.
  public init() {}

  /// All options are chosen.
  public init(all options: SamplingOptions) {
    values = options
    chosen = Set(SamplingOption.all.map(\.key))
      .union(options.templateVariables.keys.map { SamplingOption.variablePrefix + $0 })
  }

  /// Chooses a value, given as text; throws for text that is no value of the option.
  public mutating func set(_ option: SamplingOption, to text: String) throws(SettingError) {
    try option.set(text, in: &values)
    chosen.insert(option.key)
  }

  /// The options that are chosen, in the order of the table.
  public var options: [SamplingOption] {
    SamplingOption.all.filter { chosen.contains($0.key) }
      + chosen.filter { $0.hasPrefix(SamplingOption.variablePrefix) }.sorted()
      .map { .variable(String($0.dropFirst(SamplingOption.variablePrefix.count))) }
  }

  /// The choices, and `defaults` for the other options.
  public func over(_ defaults: SamplingOptions = SamplingOptions()) -> SamplingOptions {
    var result = defaults
    for option in options { option.copy(from: values, to: &result) }
    // Who asks for the likeliest token gets it: the penalty is for drawing, and nobody chose it.
    let takesLikeliest = !(result.temperature > 0) || result.topK == 1 || result.topP <= 0
    if defaults.areSmall, takesLikeliest, !chosen.contains("repeat_penalty") {
      result.repeatPenalty = 1
    }
    return result
  }
}

extension SamplingOptions {
  /// The defaults of models of less than ``smallParameters`` whose files name none.
  ///
  /// Of 30 everyday questions SmolLM2-135M-Instruct (Q4_1) answered 22 acceptably with these, and none in a
  /// loop; 14 with llama.cpp's, and 17 without the penalty, three of them looping.
  public static let small = {
    var options = SamplingOptions()
    options.temperature = 0.2
    options.topP = 0.9
    options.repeatPenalty = 1.05
    return options
  }()

  /// Whether the options of drawing are those of ``small``, be those of the answer's length and thought as they may.
  var areSmall: Bool {
    var drawing = self
    drawing.loopGuard = Self.small.loopGuard
    (drawing.think, drawing.thinkBudget, drawing.draft) = (nil, nil, Self.small.draft)
    return drawing == .small
  }

  /// Larger models were not looked at.
  public static let smallParameters = 200_000_000

  /// The defaults of a model: those that its file names, over llama.cpp's or, of a small model whose file names
  /// none, ``small``.
  init(metadata: Metadata, parameters: Int) {
    let isNamed = SamplingOption.all.contains { option in
      option.metadataKey.map { metadata["general.sampling.\($0)"] != nil } == true
    }
    self =
      isNamed || parameters >= Self.smallParameters ? SamplingOptions(metadata: metadata) : .small
  }

  /// The defaults of a model: llama.cpp's, where the file's `general.sampling.*` does not say otherwise.
  ///
  /// Read as llama.cpp reads them, which takes any text that begins with a number, and lets others pass; see
  /// ``SamplingOption/adopt(_:in:)``. The order of steps in `general.sampling.sequence` is ignored.
  public init(metadata: Metadata) {
    self.init()
    for option in SamplingOption.all {
      guard let suffix = option.metadataKey, let value = metadata["general.sampling.\(suffix)"] else {
        continue
      }
      let number: Double? = if case .string(let text) = value { Double(text) } else { value.number }
      if let number { option.adopt(number, in: &self) }
    }
  }
}
