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
  }

  /// Chooses a value, given as text; throws for text that is no value of the option.
  public mutating func set(_ option: SamplingOption, to text: String) throws(SettingError) {
    try option.set(text, in: &values)
    chosen.insert(option.key)
  }

  /// The options that are chosen, in the order of the table.
  public var options: [SamplingOption] { SamplingOption.all.filter { chosen.contains($0.key) } }

  /// The choices, and `defaults` for the other options.
  public func over(_ defaults: SamplingOptions = SamplingOptions()) -> SamplingOptions {
    var result = defaults
    for option in options { option.copy(from: values, to: &result) }
    return result
  }
}

extension SamplingOptions {
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
