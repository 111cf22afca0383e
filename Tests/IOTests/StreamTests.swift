import Foundation
import Glibc
import Testing

@testable import IO

@Suite struct StreamTests {
  /// What is written to a pipe by `body`.
  private func written(isTerminal: Bool, _ body: (TextOutput) throws -> Void) throws -> String {
    let pipe = Pipe()
    try body(TextOutput(pipe.fileHandleForWriting.fileDescriptor, "pipe", isTerminal: isTerminal))
    try pipe.fileHandleForWriting.close()
    return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }

  @Test func linesTextAndJSON() throws {
    for isTerminal in [true, false] {
      let output = try written(isTerminal: isTerminal) { output in
        try output.line("a\nb\u{1B}[31m")
        try output.text("raw\u{1B}[31m\n")
        try output.json("[\"\u{9B}\"]")
        try output.line("last")
        try output.flush()
      }
      let raw = isTerminal ? "raw[31m" : "raw\u{1B}[31m"
      #expect(output == "a\\nb[31m\n\(raw)\n[\"\\u009b\"]\nlast\n")
    }
  }

  /// For programs, lines are gathered; none is lost and none is written twice.
  @Test func manyLines() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "pare-lines-\(UUID())").path
    defer { unlink(path) }
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    let output = TextOutput(descriptor, "file", isTerminal: false)
    for number in 0..<20_000 { try output.line("line \(number)") }
    try output.flush()
    try output.flush()
    let lines = (contents(path) ?? "").split(separator: "\n")
    #expect(lines.elementsEqual((0..<20_000).map { "line \($0)" }))
  }

  @Test func aFailureIsAnError() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let output = TextOutput(full, "stdout")
    let expected = "stdout: it cannot be written: No space left on device"
    #expect(#expect(throws: OutputError.self) { try output.text("x") }?.description == expected)
    #expect(throws: OutputError.self) { try output.json("{}") }
    try output.line("x")  // it waits
    #expect(throws: OutputError.self) { try output.flush() }
    try output.flush()  // said once
    #expect(throws: OutputError.self) { for _ in 0..<100_000 { try output.line("line") } }
    let closed = TextOutput(-1, "stdout", isTerminal: false)
    #expect(#expect(throws: OutputError.self) { try closed.text("x") }?.kind == .failed)
  }
}
