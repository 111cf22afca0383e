extension PreTokenizer {
  /// The pre-tokenizer of a `tokenizer.ggml.pre`, nil if there is none of that name.
  init?(named name: String) {
    guard let known = Self.known.first(where: { $0.names.contains(name) }) else { return nil }
    self = known.preTokenizer
    composes = Self.composing.contains(name)
  }

  /// All names, for an error that lists them.
  static var names: [String] { known.flatMap(\.names) }

  /// The pre-tokenizer of a model without `tokenizer.ggml.pre`.
  static let `default` = PreTokenizer(patterns: [
    .punctuation(grave: false), .gpt2, .numbers(most: .max), .threeDigits,
  ])

  /// The names of tokenizers that bring text to Normalization Form C, which GGUF has no key for: those of Qwen,
  /// of Cohere, and of GPT-NeoX, which OLMo and MPT use, as the classes of Hugging Face's transformers 5.24
  /// (`tokenization_qwen2.py`, `_qwen3_5`, `_cohere`, `_gpt_neox`) and OLMo's tokenizer file have it. Of the
  /// other names none is known to.
  private static let composing: Set = ["qwen2", "qwen35", "command-r", "olmo", "mpt"]

  /// The names that GGUF files carry. Some models share a pattern under several names.
  private static let known: [(names: [String], preTokenizer: PreTokenizer)] = [
    (["default"], .default),
    (
      [
        "gpt-2", "mpt", "olmo", "phi-2", "exaone4", "gigachat", "jais", "mellum", "trillion",
        "granite-docling", "a.x-4.0", "modern-bert",
      ],
      PreTokenizer(patterns: [.gpt2])
    ),
    (
      ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
      PreTokenizer(patterns: [.numbers(most: 1), .gpt2])
    ),
    (
      [
        "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "lfm2", "midm-2.0",
        "jina-v5-nano",
      ],
      PreTokenizer(patterns: [.llama3(digits: 3, marks: false)], keepsWholeWords: true, addsBOS: true)
    ),
    (
      ["glm4", "glm5"],
      PreTokenizer(patterns: [.llama3(digits: 3, marks: false)], keepsWholeWords: true)
    ),
    (
      ["minicpm5"],
      PreTokenizer(
        patterns: [.numbers(most: 3), .llama3(digits: .max, marks: false)], keepsWholeWords: true)
    ),
    (["dbrx", "smaug-bpe", "chatglm-bpe"], PreTokenizer(patterns: [.llama3(digits: 3, marks: false)])),
    (
      [
        "qwen2", "stablelm2", "deepseek-r1-qwen", "hunyuan", "megrez", "solar-open", "grok-2", "kormo",
        "f2llmv2",
      ],
      PreTokenizer(patterns: [.llama3(digits: 1, marks: false)])
    ),
    (["qwen35"], PreTokenizer(patterns: [.llama3(digits: 1, marks: true)])),
    (
      ["gpt-4o", "llama4", "kanana2", "minimax-m2", "talkie"],
      PreTokenizer(patterns: [.cased(digits: 3, contractions: true)])
    ),
    (
      ["tekken"],
      PreTokenizer(patterns: [.cased(digits: 1, contractions: false)], keepsWholeWords: true, addsBOS: true)
    ),
    (
      ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
      PreTokenizer(patterns: [.numbers(most: 3), .ranges(.hanAndKana, spaced: false), .deepseekV3])
    ),
    (
      ["deepseek-coder"],
      PreTokenizer(patterns: [
        .newline, .spaced(.letters), .spaced(.punctuation), .ranges(.asian, spaced: false), .numbers(most: 1),
      ])
    ),
    (
      ["deepseek-llm"],
      PreTokenizer(patterns: [
        .newline, .ranges(.casedLetters, spaced: true), .ranges(.punctuation, spaced: true),
        .trailingWhitespace,
        .ranges(.asian, spaced: false), .numbers(most: .max),
      ])
    ),
    (["falcon"], PreTokenizer(patterns: [.punctuation(grave: true), .gpt2, .threeDigits])),
  ]
}
