import Analysis
import Inference

/// What a person wants to know of a model before it is opened.
struct ModelCard: Sendable, Hashable {
  var name: String
  /// The file; nil where it is not on this machine.
  var path: String?
  /// Of the file.
  var bytes: Int?
  /// Parameters, layers and the like, or the catalogue's words.
  var about = ""
  /// Whether it answers or continues; nil until the file was looked into.
  var kind: Kind?
  /// Memory that it takes with the context it would get, and whether that is there.
  var need: MemoryNeed?
  var fit: Fit?
  /// The reason why it cannot be opened.
  var problem: String?

  enum Kind: String, Sendable, Hashable {
    case chat = "answers: its file has a chat template"
    case base = "continues a text rather than answers: its file has no chat template"
  }

  enum Fit: String, Sendable, Hashable {
    case fits
    /// It fits the machine, but not beside what other programs hold now.
    case tight
    case tooLarge = "too large"
  }
}

/// The models to choose from.
struct ModelPicker: Sendable, Hashable {
  var cards: [ModelCard] = []
  var cursor = 0
  /// Whether files are still being looked into.
  var isLooking = false
}

/// A model on its way to this machine.
struct PullState: Sendable, Hashable {
  var name: String
  /// `12.3 MB/s, 20 s left`.
  var rate = ""
  /// Of the step under way; nil until it is known.
  var fraction: Double?
  var isStopping = false

  var progress: WorkProgress {
    WorkProgress(
      what: isStopping ? "stopping \(name)" : "fetching \(name)" + (rate.isEmpty ? "" : " · \(rate) ·"),
      fraction: fraction ?? 0)
  }
}

/// The way that fetching a model ended.
enum PullEnd: Sendable, Hashable {
  case fetched(path: String)
  case stopped
  case failed(String)
}
