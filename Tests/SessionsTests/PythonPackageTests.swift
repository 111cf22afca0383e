import Foundation
import Glibc
import Synchronization
import Testing

@testable import Sessions

@Suite struct PythonPackageTests {
  static let package = PythonPackage(name: "some-model.Part2", version: "0.2.0")

  @Test func findsTheWheelInPipsLog() {
    let log = """
      Found index url https://index.example/simple/
        Found link https://files.example/a/some_model_part2-0.1.0-py3-none-any.whl (from x), version: 0.1.0
        Found link https://files.example/a/some_model_part2-0.2.0.tar.gz#sha256=ab (from x), version: 0.2.0
        Found link file:///tmp/some_model_part2-0.2.0-py3-none-any.whl (from x), version: 0.2.0
        Found link https://files.example/b/other-0.2.0-py3-none-any.whl (from x), version: 0.2.0
        Found link https://files.example/c/some_model_part2-0.2.0-py3-none-any.whl#sha256=ab (from x), version: 0.2.0
      """
    #expect(
      PythonPackage.wheelURL(of: Self.package, inLog: log)
        == URL(string: "https://files.example/c/some_model_part2-0.2.0-py3-none-any.whl"))
    #expect(PythonPackage.wheelURL(of: Self.package, inLog: "") == nil)
  }

  private func wheel(_ members: String, as url: URL) throws -> URL {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      "import zipfile, sys\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n \(members)",
      url.path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return url
  }

  @Test func unpacksTheLargestFile() async throws {
    let folder = try TemporaryFolder()
    let wheel = try wheel(
      "z.writestr('m/__init__.py', 'x = 1'); z.writestr('m/data/part01.bin', b'ab' * 2_000_000)",
      as: folder.url.appending(path: "x.whl"))
    let bytes = Mutex(Data())
    try await PythonPackage.unpack(wheel) { piece in bytes.withLock { $0.append(piece) } }
    #expect(bytes.withLock { $0 } == Data(String(repeating: "ab", count: 2_000_000).utf8))
  }

  @Test func damageAndStrangeFilesAreErrors() async throws {
    let folder = try TemporaryFolder()
    let wheel = try wheel(
      "z.writestr('m/a.bin', bytes(range(256)) * 1000)", as: folder.url.appending(path: "x.whl"))
    var data = try Data(contentsOf: wheel)
    data[60] ^= 0xFF
    try data.write(to: wheel)
    let damaged = await #expect(throws: PythonPackage.Damaged.self) {
      try await PythonPackage.unpack(wheel) { _ in }
    }
    #expect(
      damaged?.reason.contains("CRC") == true || damaged?.reason.contains("zlib") == true,
      "\(damaged?.reason ?? "")")
    try Data("<html>".utf8).write(to: wheel)
    await #expect(throws: PythonPackage.Damaged.self) { try await PythonPackage.unpack(wheel) { _ in } }
  }

  @Test(.timeLimit(.minutes(5))) func outputThatIsNotWantedEndsTheCommand() async throws {
    struct Enough: Error {}
    await #expect(throws: Enough.self) { try await Subprocess.run(["yes"]) { _ in throw Enough() } }
    let task = Task { try await Subprocess.run(["sleep", "1000"]) { _ in } }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func failuresCarryTheLastLine() async throws {
    let failure = await #expect(throws: Subprocess.Failure.self) {
      try await Subprocess.run(["sh", "-c", "echo one >&2; echo two >&2; exit 3"]) { _ in }
    }
    #expect(failure?.lastLine == "two")
    await #expect(throws: Subprocess.Failure.self) {
      try await Subprocess.run(["no-such-command-anywhere"]) { _ in }
    }
  }

  /// The whole way, with the real pip on an index of two wheels; the second comes late.
  @Test func joinsTheCarriedPartsAndGoesOnWhereItStopped() async throws {
    let folder = try TemporaryFolder()
    let server = try FileServer.shared.get()
    let index = try server.makeFolder()
    func carry(_ bytes: String, part: Int) throws -> URL {
      try wheel(
        "z.writestr('p/__init__.py', ''); z.writestr('p/data/part', \(bytes)); z.writestr('tiny_part\(part)-1.0.dist-info/METADATA', 'Name: x')",
        as: index.appending(path: "tiny_part\(part)-1.0-py3-none-any.whl"))
    }
    let whole = DownloadTests.content
    let carried = folder.url.appending(path: "whole")
    try whole.write(to: carried)
    let entry = try Catalogue(
      TOMLDocument(
        """
        [[model]]
        name = "tiny"
        file = "tiny.gguf"
        bytes = \(whole.count)
        sha256 = "\(FileHash.sha256(of: carried))"
        packages = { name = "tiny-part{part}", version = "1.0", parts = 2 }
        """, path: "models.toml")
    ).entries[0]
    // The only test that runs pip, so the variable is nobody else's.
    setenv("PIP_INDEX_URL", server.index(of: index), 1)
    let store = ModelStore(folder: folder.url.appending(path: "models"))
    let downloader = ModelDownloader(store: store)

    let first = try carry("open('\(carried.path)', 'rb').read()[:70_000]", part: 1)
    let error = await #expect(throws: DownloadError.self) { try await downloader.pull(entry) }
    #expect(error?.description.contains("tiny-part2") == true, "\(error?.description ?? "")")
    let second = try carry("open('\(carried.path)', 'rb').read()[70_000:]", part: 2)
    let result = try await downloader.pull(entry)
    #expect(try Data(contentsOf: result.url) == whole)
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder.path) == ["tiny.gguf"])
    #expect(server.requests(for: first).count == 1)
    #expect(server.requests(for: second).count == 1)
  }
}
