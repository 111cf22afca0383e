/// Names of things on disk to choose from.
struct Catalog: Sendable, Hashable {
  /// With their summaries.
  var themes: [Candidate] = []
  var plans: [Candidate] = []
  /// Named prompts, with their first words.
  var prompts: [Candidate] = []
  /// With their sizes.
  var models: [Candidate] = []
  /// All but the open one, the most recently used first, with their first words.
  var sessions: [Candidate] = []
}

/// Something to choose, with a word about it.
struct Candidate: Sendable, Hashable {
  var text: String
  var note: String

  init(_ text: String, _ note: String = "") {
    self.text = text
    self.note = note
  }
}

extension [Candidate] {
  /// The first dozen, for a line.
  var list: String { prefix(12).map(\.text).joined(separator: ", ") + (count > 12 ? ", …" : "") }
}
