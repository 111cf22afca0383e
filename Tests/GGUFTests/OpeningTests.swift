import Foundation
import Testing

@testable import GGUF

/// Errors before the first byte is read.
@Suite struct OpeningTests {
  private func error(_ path: String) -> GGUFError? {
    do {
      _ = try GGUFFile(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func missing() {
    #expect(error("/nonexistent/x.gguf")?.description.hasPrefix("/nonexistent/x.gguf: no such file") == true)
    #expect(error("")?.description.contains("no such file") == true)
  }

  @Test func empty() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("model.gguf", [])
    #expect(error(path)?.description == "\(path): is empty: download it again")
  }

  @Test func directory() throws {
    let folder = try TemporaryFolder()
    #expect(error(folder.path)?.description.contains("is a directory") == true)
  }

  @Test(.timeLimit(.minutes(1))) func namedPipe() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(error(folder.path + "/pipe")?.description.contains("not a regular file") == true)
    #expect(error("/dev/zero")?.description.contains("not a regular file") == true)
  }

  /// Root may read anything, so only for others.
  @Test(.enabled(if: getuid() != 0)) func unreadable() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("model.gguf", RawFile().header().bytes)
    chmod(path, 0)
    #expect(error(path)?.description.contains("permission denied") == true)
  }

  @Test func pathThroughFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("model.gguf", RawFile().header().bytes)
    #expect(error(path + "/x")?.description.contains("cannot be opened") == true)
  }

  @Test func controlCharactersInThePathStayOnOneLine() {
    let message = error("/nonexistent/\u{1B}[31m\n.gguf")?.description
    #expect(message?.contains { $0.isNewline || $0 == "\u{1B}" } == false)
  }
}
