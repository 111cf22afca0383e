/// A door through which untrusted bytes come in, with what is behind its guard.
///
/// Each target takes any bytes, does with them all that the program would, and traps where something that must
/// always hold does not. `make fuzz` gives them to libFuzzer under sanitizers; the tests try the corpus and
/// what a few thousand mutations make of it.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// A model file: container, metadata, tokenizer, hyperparameters, tensors.
  case model
  /// Blocks of every type, decoded and checked.
  case blocks
  /// A vocabulary and a text to encode and decode.
  case vocabulary
  /// A chat template, rendered.
  case template
  /// JSON that becomes the variables of a template.
  case json
  /// Plans, settings, catalogues: TOML files.
  case toml
  /// A theme file.
  case theme
  /// The journal of a session.
  case journal
  /// The bytes of a terminal.
  case terminal
  /// An answer of a model, drawn as text and as Markdown.
  case text

  /// Does with `bytes` what the program would.
  package func run(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .model: fuzzModel(bytes)
    case .blocks: fuzzBlocks(bytes)
    case .vocabulary: fuzzVocabulary(bytes)
    case .template: fuzzTemplate(bytes)
    case .json: fuzzJSON(bytes)
    case .toml: fuzzTOML(bytes)
    case .theme: fuzzTheme(bytes)
    case .journal: fuzzJournal(bytes)
    case .terminal: fuzzTerminal(bytes)
    case .text: fuzzText(bytes)
    }
  }
}
