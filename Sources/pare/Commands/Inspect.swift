import ArgumentParser
import Foundation
import GGUF
import Terminal

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print a model file's metadata and tensors.")

  @OptionGroup var model: ModelOptions

  @Flag(help: "List the tensors.")
  var tensors = false

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Output: Encodable {
    struct Entry: Encodable {
      var name: String
      var type: String
      var shape: [Int]
      var bytes: Int
    }
    var metadata: [String: JSONMetadata]
    var tensors: [Entry]
  }

  func run() throws {
    let file = try GGUFFile(path: model.url().path)
    let entries = file.tensors.map {
      Output.Entry(name: $0.name, type: $0.type.name, shape: $0.shape, bytes: $0.data.count)
    }
    if json {
      let metadata = Dictionary(
        uniqueKeysWithValues: file.metadata.entries.map { ($0.key, JSONMetadata(value: $0.value)) })
      return try printJSON(Output(metadata: metadata, tensors: entries))
    }
    for (key, value) in file.metadata.entries { print("\(key.sanitized) = \(value.display)") }
    print("\(file.tensors.count) tensors, \(file.fileBytes) bytes in the file")
    guard tensors else { return }
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: "×")
      print("\(entry.name.sanitized)  \(entry.type)  \(shape)  \(entry.bytes) bytes")
    }
  }
}

extension MetadataValue {
  /// The value on one line; of a list only its length and kind.
  fileprivate var display: String {
    switch self {
    case .string(let text): text.sanitized.replacing("\n", with: "\\n")
    case .bool(let truth): "\(truth)"
    case .array(let array): "\(array.count) × \(array.elementKind)"
    default: integer.map(String.init) ?? number.map { "\($0)" } ?? ""
    }
  }
}

/// A metadata value in the JSON that comes closest.
private struct JSONMetadata: Encodable {
  var value: MetadataValue

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .string(let text): try container.encode(text)
    case .bool(let truth): try container.encode(truth)
    case .array(let array):
      if let strings = array.byteStrings {
        try container.encode(strings.map { String(decoding: $0, as: UTF8.self) })
      } else if let integers = array.integers {
        try container.encode(integers)
      } else if let bools = array.bools {
        try container.encode(bools)
      } else {
        try container.encode(array.numbers ?? [])
      }
    default:
      if let integer = value.integer {
        try container.encode(integer)
      } else {
        try container.encode(value.number)
      }
    }
  }
}
