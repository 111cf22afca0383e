import Foundation
import ModelFiles
import Testing

/// What the program says it keeps, on a real disk.
@Suite(.enabled(if: ModelFiles.areThere)) struct KeepingTests {
  private let program = Program()

  /// A chat without a terminal, one line after the other.
  private final class Chat {
    private let process = Process()
    private let input = Pipe(), output = Pipe(), errors = Pipe()
    private(set) var notes = ""

    init(_ program: Program, before command: String = "") throws {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = [
        "-c", "\(command) exec \"$0\" chat --temp 0 --session talk --new", Program.executable.path,
      ]
      process.environment = program.environment
      (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
      try process.run()
    }

    /// Lifts the limit on the length of files.
    func makeRoom() throws {
      let arguments = ["prlimit", "--pid", "\(process.processIdentifier)", "--fsize=unlimited"]
      try Process.run(URL(filePath: "/usr/bin/env"), arguments: arguments).waitUntilExit()
    }

    /// Says a line, and waits for the figures of the answer.
    func say(_ line: String) throws {
      input.fileHandleForWriting.write(Data((line + "\n").utf8))
      let before = notes.matches(of: /tok\/s/).count
      while notes.matches(of: /tok\/s/).count == before {
        let piece = errors.fileHandleForReading.availableData
        if piece.isEmpty { return }  // it has ended
        notes += String(decoding: piece, as: UTF8.self)
      }
    }

    /// Ends the input, and waits for the end of the program.
    func end() throws -> Int32 {
      try input.fileHandleForWriting.close()
      notes += String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  private var journal: String { program.home.path + "/.local/share/pare/sessions/talk.jsonl" }

  /// The messages of the journal that people wrote.
  private func messages() throws -> [String] {
    try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").compactMap {
      let record = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return record?["role"] as? String == "user" ? record?["content"] as? String : nil
    }
  }

  /// A limit on the length of files stands for a full disk, and room is made by lifting it.
  private static let full = "trap '' XFSZ; ulimit -S -f 4;"

  @Test func whatAFullDiskRefusesIsWrittenWhenThereIsRoom() throws {
    let chat = try Chat(program, before: Self.full)
    let long = String(repeating: "word ", count: 500)
    try chat.say("Say yes. \(long)")
    try chat.say("Say no. \(long)")
    #expect(chat.notes.matches(of: /is not being saved/).count == 1, "\(chat.notes)")
    try chat.makeRoom()
    try chat.say("Thanks.")
    #expect(try chat.end() == 0, "\(chat.notes)")
    #expect(chat.notes.contains("saved again"))
    #expect(chat.notes.contains("the session is kept: pare chat --session talk"))
    #expect(try messages().map { $0.prefix(6) } == ["Say ye", "Say no", "Thanks"])
  }

  @Test func aSessionThatIsLostIsNotCalledKept() throws {
    let chat = try Chat(program, before: Self.full)
    try chat.say("Say yes. " + String(repeating: "word ", count: 500))
    #expect(try chat.end() == 1)
    #expect(chat.notes.contains("pare: the session is not saved: \(journal): cannot write: File too large"))
    #expect(!chat.notes.contains("is kept"))
  }

  @Test func aSessionOutlivesItsFolder() throws {
    let chat = try Chat(program)
    try chat.say("Say yes.")
    try FileManager.default.removeItem(atPath: program.home.path + "/.local/share")
    try chat.say("Say no.")
    #expect(try chat.end() == 0, "\(chat.notes)")
    #expect(chat.notes.contains("the session is kept: pare chat --session talk"))
    #expect(try messages() == ["Say yes.", "Say no."])
  }

  /// No words are no system prompt: the model's template then says its own.
  @Test func anEmptySystemPromptIsNone() throws {
    let arguments = ["run", "-p", "Hi", "-n", "1", "--temp", "0", "--json"]
    func count(_ more: [String]) throws -> Int? {
      try program.json(arguments + more)["prompt_tokens"] as? Int
    }
    #expect(try count(["--system", ""]) == count([]))
    #expect(try count(["--system", "Rhyme."]) != count([]))
  }

  @Test func aFetchEndsAsItsProcessDoes() throws {
    let unknown = try program.run(["pull", "no-such-model"])
    #expect(unknown.status == 1)
    #expect(unknown.errors.split(separator: "\n").count == 1, "\(unknown.errors)")
    let unreachable = try program.run(["pull", "http://127.0.0.1:1/a.gguf"])
    #expect(unreachable.status == 1 && unreachable.errors.contains("no connection to the server"))
  }
}
