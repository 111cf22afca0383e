import Foundation
import Glibc
import Testing

@testable import IO

/// Writing files: on file systems with files that have no name, and without.
@Suite struct OutputFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(
    _ text: String, to path: String, replaces: Bool = false, inputs: [String] = [], nameless: Bool
  ) throws(OutputError) {
    let file = try OutputFile(path, replaces: replaces, inputs: inputs, hasNamelessFiles: nameless)
    try file.write(text.utf8)
    try file.finish()
  }

  @Test(arguments: [true, false]) func aNewFileAppearsWhole(_ nameless: Bool) throws {
    let path = folder.path + "/new"
    let file = try OutputFile(path, replaces: false, hasNamelessFiles: nameless)
    try file.write("one ".utf8)
    #expect(contents(path) == nil)
    if nameless { #expect(folder.names == []) }  // nothing that a killed program would leave
    try Array("two".utf8).withUnsafeBytes { bytes in try file.write(bytes) }
    #expect(file.count == 7)
    try file.finish()
    #expect(contents(path) == "one two" && folder.names == ["new"])
    // As the umask has it for any new file.
    let other = folder.path + "/other"
    close(open(other, O_WRONLY | O_CREAT, 0o666))
    #expect(mode(path) == mode(other))
  }

  @Test(arguments: [true, false]) func aFileIsReplacedOnlyIfItMayBe(_ nameless: Bool) throws {
    let path = try folder.file("a", "old", mode: 0o600)
    let error = #expect(throws: OutputError.self) { try write("new", to: path, nameless: nameless) }
    #expect(error?.kind == .taken && error?.description == "\(path): is there already: choose another name")
    #expect(contents(path) == "old")
    try write("new", to: path, replaces: true, nameless: nameless)
    #expect(contents(path) == "new" && mode(path) == 0o600 && folder.names == ["a"])
    // One with nothing in it is nobody's loss.
    let empty = try folder.file("empty", "", mode: 0o640)
    try write("new", to: empty, nameless: nameless)
    #expect(contents(empty) == "new" && mode(empty) == 0o640)
  }

  /// A file that comes into being meanwhile is another's.
  @Test(arguments: [true, false]) func aFileThatCameMeanwhileStays(_ nameless: Bool) throws {
    let path = folder.path + "/a"
    let file = try OutputFile(path, replaces: false, hasNamelessFiles: nameless)
    try file.write("mine".utf8)
    _ = try folder.file("a", "theirs")
    #expect(throws: OutputError.self) { try file.finish() }
    #expect(contents(path) == "theirs")
  }

  @Test(arguments: [true, false]) func linksAreFollowed(_ nameless: Bool) throws {
    let file = try folder.file("file", "old", mode: 0o640)
    let link = try folder.link("link", to: "file")
    try write("new", to: link, replaces: true, nameless: nameless)
    #expect(contents(file) == "new" && mode(file) == 0o640)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "file")
    // Also where they lead to nothing yet, and over several.
    let first = try folder.link("first", to: folder.path + "/second")
    _ = try folder.link("second", to: "absent")
    try write("made", to: first, nameless: nameless)
    #expect(contents(folder.path + "/absent") == "made")
    let loop = try folder.link("loop", to: "loop")
    #expect(throws: OutputError.self) { try write("x", to: loop, nameless: nameless) }
    #expect(folder.names == ["absent", "file", "first", "link", "loop", "second"])
  }

  @Test(arguments: [true, false]) func inputsAreNeverWrittenTo(_ nameless: Bool) throws {
    let model = try folder.file("model", "weights")
    let hard = folder.path + "/hard"
    #expect(link(model, hard) == 0)
    for path in [model, hard, try folder.link("soft", to: "model")] {
      let error = #expect(throws: OutputError.self) {
        try write(
          "x", to: path, replaces: true, inputs: [folder.path + "/absent", model], nameless: nameless)
      }
      #expect(error?.kind == .input && error?.description.hasPrefix(path) == true)
    }
    #expect(contents(model) == "weights" && folder.names == ["hard", "model", "soft"])
  }

  @Test(arguments: [true, false]) func nothingIsLeftOfWhatFails(_ nameless: Bool) throws {
    let path = try folder.file("a", "old")
    do {
      let file = try OutputFile(path, replaces: true, hasNamelessFiles: nameless)
      try file.write("half".utf8)
    }
    #expect(contents(path) == "old" && folder.names == ["a"])
  }

  @Test func devicesAndPipesAreWrittenThrough() throws {
    try write("x", to: "/dev/null", nameless: true)
    let full = #expect(throws: OutputError.self) { try write("x", to: "/dev/full", nameless: true) }
    #expect(full?.kind == .failed && full?.reason.hasSuffix("No space left on device") == true)
    let node = try #require(
      {
        var status = stat(); return stat("/dev/full", &status) == 0 ? status : nil
      }())
    #expect(node.st_mode & S_IFMT == S_IFCHR)
    // By its own name, and by that of an open file, as shells name their pipes.
    let fifo = folder.path + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    let reader = open(fifo, O_RDWR)
    defer { close(reader) }
    for path in [fifo, "/dev/fd/\(reader)"] {
      try write("through", to: path, nameless: true)
      var bytes = [UInt8](repeating: 0, count: 32)
      #expect(read(reader, &bytes, bytes.count) == 7)
    }
    #expect(folder.names == ["fifo"])
    // Who may not wait is told that nobody reads.
    let idle = folder.path + "/idle"
    #expect(mkfifo(idle, 0o600) == 0)
    let error = #expect(throws: OutputError.self) { try OutputFile(idle, replaces: false, waits: false) }
    #expect(error?.kind == .place)
  }

  @Test func placesThatCannotBeWritten() throws {
    let closed = try folder.file("closed", "x", mode: 0o400)
    for path in [folder.path, folder.path + "/absent/x", "/dev/null/x", "", folder.path + "/x/"] {
      let error = #expect(throws: OutputError.self) { try write("x", to: path, nameless: true) }
      #expect(error?.kind == .place, "\(path): \(error?.description ?? "")")
    }
    if getuid() != 0 {  // root may write to it
      #expect(throws: OutputError.self) { try write("x", to: closed, replaces: true, nameless: true) }
    }
    #expect(folder.names == ["closed"])
  }
}
