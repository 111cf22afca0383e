import Foundation
import Glibc
import Testing

@testable import IO

@Suite struct InputFileTests {
  @Test func readsFilesAndPipes() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "0123456789", count: 30_000)
    #expect(try InputFile.contents(folder.file("a", text)) == Data(text.utf8))
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data("piped".utf8))
    try pipe.fileHandleForWriting.close()
    #expect(
      try InputFile.contents("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)") == Data("piped".utf8))
  }

  @Test func saysWhatIsWrong() throws {
    let folder = try TemporaryFolder()
    for (path, reason) in [
      (folder.path, "is a folder: name a file in it"), (folder.path + "/absent", "there is no such file"),
      ("/dev/null/x", "it cannot be read: Not a directory"),
    ] {
      let error = #expect(throws: InputError.self) { try InputFile.contents(path) }
      #expect(error?.description == "\(path): \(reason)")
    }
    #expect(InputError(stdin: EBADF).description.hasPrefix("stdin: is closed"))
    #expect(InputError(stdin: EISDIR).description.hasPrefix("stdin: is a folder"))
    #expect(InputError(stdin: EIO).description == "stdin: it cannot be read: Input/output error")
  }
}
