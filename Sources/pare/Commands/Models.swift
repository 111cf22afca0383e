import ArgumentParser
import Foundation
import Sessions
import Terminal

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the models that are known or present.")

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Output: Encodable {
    struct Entry: Encodable {
      var name: String
      var path: String
      var bytes: Int?
      var present: Bool
      var licence: String?
    }
    var models: [Entry]
  }

  func run() throws {
    let directories = Directories()
    let models = try ModelStore(
      folder: directories.models, catalogue: .load(from: directories.catalogueFile)
    ).models()
    if json {
      return try printJSON(
        Output(
          models: models.map {
            .init(
              name: $0.name, path: $0.url.path, bytes: $0.bytes, present: $0.isPresent,
              licence: $0.entry?.licence)
          }))
    }
    let width = models.map(\.name.count).max() ?? 0
    for model in models {
      let size = model.bytes.map { String(format: "%7.1f MB", Double($0) / 1e6) } ?? "          "
      let state = model.isPresent ? "present" : "pare pull \(model.name)"
      print(
        model.name.sanitized.padding(toLength: width, withPad: " ", startingAt: 0), size,
        (model.entry?.licence ?? "").padding(toLength: 12, withPad: " ", startingAt: 0), state)
    }
  }
}
