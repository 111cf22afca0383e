import ArgumentParser
import Foundation
import Inference
import Sessions

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the models that are known or present.")

  @Flag(help: "Print one JSON object.")
  var json = false

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Output: Encodable {
    struct Entry: Encodable {
      var name: String
      var path: String
      var bytes: Int?
      var present: Bool
      var licence: String?
    }
    var models: [Entry]
    /// The packed weights that are kept for fast starts.
    var weight_cache: Cache
    struct Cache: Encodable {
      var path: String
      var bytes: Int
      /// 0: none are kept.
      var limit: Int
    }
  }

  func run() throws {
    let directories = Directories()
    let models = try ModelStore(
      folder: directories.models, catalogue: .load(from: directories.catalogueFile)
    ).models()
    let settings = try Settings.load(from: directories.settingsFile).settings
    let limit = settings.weightCache(in: directories)?.limit ?? 0
    let cache = WeightCache(folder: directories.weights, limit: limit)
    if json {
      return try printJSON(
        Output(
          models: models.map {
            .init(
              name: $0.name, path: $0.url.path, bytes: $0.bytes, present: $0.isPresent,
              licence: $0.entry?.licence)
          }, weight_cache: .init(path: cache.folder.path, bytes: cache.byteCount, limit: limit)))
    }
    let width = models.map(\.name.count).max() ?? 0
    for model in models {
      let size = model.bytes.map { String(format: "%7.1f MB", Double($0) / 1e6) } ?? "          "
      let state = model.isPresent ? "present" : "pare pull \(model.name)"
      let licence = (model.entry?.licence ?? "").padding(toLength: 12, withPad: " ", startingAt: 0)
      try printLine(
        "\(model.name.padding(toLength: width, withPad: " ", startingAt: 0)) \(size) \(licence) \(state)")
    }
    let bytes = cache.byteCount
    guard bytes > 0 else { return }
    try printLine(
      String(
        format: "packed weights for fast starts: %.1f MB of at most %.0f GB in %@, which may be deleted",
        Double(bytes) / 1e6, Double(limit) / 1e9, cache.folder.path))
  }
}
