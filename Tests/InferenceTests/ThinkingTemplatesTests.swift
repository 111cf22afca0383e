import Foundation
import GGUF
import Templates
import TestModels
import Testing
import Tokenization

@testable import Inference

/// What is found out about the templates that llama.cpp's source distribution carries, which are not ours to
/// commit, and what comes of conversations with thoughts, against Jinja2. Set PARE_LLAMACPP_DIR to its folder
/// `llama.cpp`, and PARE_PYTHON to a Python that has jinja2.
@Suite struct ThinkingTemplatesTests {
  static let folder = ProcessInfo.processInfo.environment["PARE_LLAMACPP_DIR"].map {
    $0 + "/models/templates"
  }
  static var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder ?? "").filter { $0.hasSuffix(".jinja") }
        .sorted()
    }
  }

  /// The template in a vocabulary that has the markers that it mentions.
  private func format(_ name: String) throws -> ChatFormat {
    let source = try String(contentsOfFile: "\(Self.folder ?? "")/\(name)", encoding: .utf8)
    // One template puts its markers together.
    let mentioned = source.replacing("think{}>", with: "think:opensource>")
    let markers = Set(
      ThinkingFamily.all.flatMap { $0.opens + $0.closes + $0.begins + $0.ends }
        .flatMap { $0.matches(of: /<[^<>]+>|\[[A-Z\/]+\]/).map { String($0.output) } }
    ).union(["<|return|>", "<|call|>"]).filter(mentioned.contains).sorted()
    let vocabulary = try ThoughtSplitterTests.Vocabulary(control: markers)
    return try ChatFormat(
      metadata: TinyModel.llama().metadata, tokenizer: vocabulary.tokenizer, override: source)
  }

  /// What the program takes a template for.
  struct Finding: Codable, Equatable {
    var opens: String?
    var key: String?
    var choices: [String] = []
    var closing: String?

    init(_ thinking: ThinkingFormat?, _ tokenizer: Tokenizer) {
      guard let thinking else { return }
      opens = thinking.openings.first.map { marker in
        let bytes = marker.units.flatMap { unit -> [UInt8] in
          switch unit {
          case .byte(let byte): [byte]
          case .token(let token): tokenizer.piece(token, special: true)
          }
        }
        return String(decoding: bytes, as: UTF8.self)
      }
      switch thinking.key {
      case .member(let name): key = name
      case .chunks: key = "chunks"
      case nil: break
      }
      choices = thinking.choices.map(\.rawValue)
      closing = thinking.closingText
    }
  }

  @Test(.enabled(if: folder != nil))
  func templatesAreTakenForWhatTheyAre() throws {
    var found: [String: Finding] = [:]
    for name in try Self.names {
      let format = try format(name)
      found[name] = Finding(format.thinking, format.tokenizer)
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Fixtures/thinking_templates.json")
    if ProcessInfo.processInfo.environment["PARE_RECORD_SNAPSHOTS"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try encoder.encode(found).write(to: file)
    }
    let expected = try JSONDecoder().decode([String: Finding].self, from: Data(contentsOf: file))
    for name in try Self.names { #expect(found[name] == expected[name], "\(name)") }
  }

  static let thought = "First </think> this,\n\nthen “that” 🙂 <|end|>."
  static let conversations: [[ChatMessage]] = [
    [ChatMessage(role: .user, content: "Hi")],
    [ChatMessage(role: .system, content: "Be kind."), ChatMessage(role: .user, content: "Hi")],
    [
      ChatMessage(role: .user, content: "2+2?"),
      ChatMessage(role: .assistant, content: "4", reasoning: "Easy."),
      ChatMessage(role: .user, content: "3+3?"),
      ChatMessage(role: .assistant, content: "6", reasoning: "Easier."),
      ChatMessage(role: .user, content: "Thanks"),
    ],
    [
      ChatMessage(role: .system, content: "Be kind."), ChatMessage(role: .user, content: "a"),
      ChatMessage(role: .assistant, content: "b"), ChatMessage(role: .user, content: "c"),
      ChatMessage(role: .assistant, content: "d", reasoning: "  of \n several lines\n"),
      ChatMessage(role: .user, content: "e"),
    ],
    [
      ChatMessage(role: .user, content: "a"),
      ChatMessage(role: .assistant, content: "b <x>", reasoning: thought),
      ChatMessage(role: .user, content: "c"),
    ],
  ]
  static let choices: [PromptChoices] =
    [PromptChoices()] + Think.allCases.map { PromptChoices(think: $0) }
    + [PromptChoices(think: .on, variables: ["preserve_thinking": "true", "keep_past_thinking": "true"])]

  private struct Case { var name: String, variables: [Text: Value], format: ChatFormat }

  @Test(.enabled(if: folder != nil))
  func conversationsWithThoughtsEqualJinja() throws {
    var cases: [Case] = []
    for name in try Self.names {
      let format = try format(name)
      for messages in Self.conversations {
        for choices in Self.choices {
          for isAnswered in [false, true] {
            // A conversation that is complete ends with an answer.
            let messages = isAnswered && messages.count > 2 ? messages.dropLast() : messages
            cases.append(
              Case(
                name: "\(name): \(messages.count) messages, \(choices.think?.rawValue ?? "-"), \(isAnswered)",
                variables: format.variables(messages, choices, isAnswered: isAnswered), format: format))
          }
        }
      }
    }
    let names = cases.map { $0.name.split(separator: ":")[0] }
    let input = zip(names, cases).map { name, one in
      "{\"template\": \(Self.json(.markup("\(Self.folder ?? "")/\(name)"))), \"variables\": {"
        + one.variables.map { "\(Self.json(.string($0.key))): \(Self.json($0.value))" }.joined(
          separator: ", ")
        + "}}\n"
    }.joined()
    let results = try Self.jinja(input)
    try #require(results.count == cases.count)
    var (equal, refused) = (0, 0)
    for (one, result) in zip(cases, results) {
      do {
        let text = try one.format.template().render(
          one.variables, now: LocalTime(year: 2024, month: 2, day: 29, hour: 13, minute: 5, second: 9)
        ).map(\.text).joined()
        #expect(text == result.output, "\(one.name): Jinja2 says \(result.error ?? "otherwise")")
        if text == result.output { equal += 1 }
      } catch {
        #expect(result.output == nil, "\(one.name): \(error)")
        if result.output == nil { refused += 1 }
      }
    }
    print("\(equal) prompts equal and \(refused) refusals shared, of \(cases.count)")
  }

  struct Result: Decodable {
    var output: String?
    var error: String?
  }

  private static func jinja(_ input: String) throws -> [Result] {
    let folder = FileManager.default.temporaryDirectory
    let file = folder.appending(path: "cases-\(UUID().uuidString).jsonl")
    let output = folder.appending(path: "results-\(UUID().uuidString).jsonl")
    defer { for file in [file, output] { try? FileManager.default.removeItem(at: file) } }
    try Data(input.utf8).write(to: file)
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
      path: "TemplatesTests/Fixtures/render.py"
    ).path
    process.arguments = [ProcessInfo.processInfo.environment["PARE_PYTHON"] ?? "python3", "-B", script]
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try String(contentsOf: output, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Result.self, from: Data($0.utf8))
    }
  }

  private static func json(_ value: Value) -> String {
    func quoted(_ text: Text) -> String {
      String(decoding: (try? JSONEncoder().encode(text.string)) ?? Data(), as: UTF8.self)
    }
    return switch value {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .int(let int): "\(int)"
    case .float(let float): "\(float)"
    case .string(let text): quoted(text)
    case .list(let elements): "[\(elements.map(json).joined(separator: ", "))]"
    case .dict(let entries):
      "{\(entries.map { "\(quoted($0.key)): \(json($0.value))" }.joined(separator: ", "))}"
    }
  }
}
