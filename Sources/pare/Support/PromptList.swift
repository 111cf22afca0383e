import Foundation
import IO

/// Prompts to answer one after the other.
enum PromptList {
  /// A prompt, and the system prompt that it brings along.
  struct Entry: Equatable {
    var text: Data
    var system: String?
  }

  /// The prompts of a file: one a line, or JSON lines, each a text or an object with `prompt`, and `system` where
  /// it has one. Empty lines are none.
  static func entries(of path: String) throws -> [Entry] {
    let text = String(decoding: try input(path), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let isJSON = path.lowercased().hasSuffix(".jsonl") || lines.first { !$0.isBlank }?.first == "{"
    var entries: [Entry] = []
    for (index, line) in lines.enumerated() where !line.isBlank {
      entries.append(isJSON ? try entry(line, place: "\(path):\(index + 1)") : Entry(text: Data(line.utf8)))
    }
    guard !entries.isEmpty else { throw InputError(description: "\(path): has no prompts: write one a line") }
    return entries
  }

  private struct Line: Decodable {
    var prompt: String
    var system: String?
  }

  private static func entry(_ line: Substring, place: String) throws -> Entry {
    let data = Data(line.utf8), decoder = JSONDecoder()
    if let text = try? decoder.decode(String.self, from: data) { return Entry(text: Data(text.utf8)) }
    guard let object = try? decoder.decode(Line.self, from: data) else {
      throw InputError(
        description: "\(place): is no prompt: write a text in quotes, or {\"prompt\": \"…\"}".onOneLine)
    }
    return Entry(text: Data(object.prompt.utf8), system: object.system)
  }
}

extension Substring {
  fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
