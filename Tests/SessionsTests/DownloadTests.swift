import Foundation
import Inference
import Synchronization
import TestModels
import Testing

@testable import Sessions

@Suite struct DownloadTests {
  /// A model of more than 200,000 bytes, and zeros up to 300,000, which readers let pass.
  static let content: Data = {
    let sizes = TinyModel.Sizes(layers: 9)
    let model = try! TinyModel.llama(sizes).withFile { try Data(contentsOf: URL(filePath: $0)) }
    precondition((200_001...300_000).contains(model.count), "\(model.count) bytes")
    return model + Data(count: 300_000 - model.count)
  }()

  let folder: TemporaryFolder
  let server: FileServer
  /// The file that the server offers.
  let offered: URL
  let store: ModelStore
  let content = Self.content
  let sha256: String

  init() throws {
    folder = try TemporaryFolder()
    server = try FileServer.shared.get()
    offered = try server.makeFolder().appending(path: "tiny.gguf")
    try content.write(to: offered)
    sha256 = try FileHash.sha256(of: offered)
    store = ModelStore(folder: folder.url.appending(path: "models"))
  }

  private var target: URL { store.folder.appending(path: "tiny.gguf") }
  private var part: URL { store.folder.appending(path: "tiny.gguf.part") }

  private func entry(_ mode: String, sha256: String? = nil, bytes: Int? = nil) throws -> CatalogueEntry {
    var text = "[[model]]\nname='tiny'\nfile='tiny.gguf'\nurl='\(server.url(mode, offered))'\n"
    if let sha256 { text += "sha256='\(sha256)'\n" }
    if let bytes { text += "bytes=\(bytes)\n" }
    return try Catalogue(TOMLDocument(text, path: "models.toml")).entries[0]
  }

  @discardableResult
  private func pull(_ entry: CatalogueEntry) async throws -> FetchedModel {
    try await ModelDownloader(store: store).pull(entry)
  }

  /// The files of the models folder.
  private func files() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: store.folder.path)) ?? []).sorted()
  }

  @Test func fetchesChecksAndReportsProgress() async throws {
    let reports = Mutex<[DownloadProgress]>([])
    let downloader = ModelDownloader(store: store) { report in reports.withLock { $0.append(report) } }
    let result = try await downloader.pull(entry("good", sha256: sha256, bytes: content.count))
    #expect(result.url == target)
    #expect(!result.wasPresent)
    #expect(result.checks == [.length, .sha256, .model])
    #expect(try Data(contentsOf: target) == content)
    #expect(files() == ["tiny.gguf"])
    let seen = reports.withLock { $0 }
    #expect(
      seen.contains {
        $0.stage == .downloading && $0.bytes == content.count && $0.totalBytes == content.count
      })
    #expect(seen.contains { $0.stage == .verifying && $0.bytes == content.count })

    let again = try await pull(entry("404", sha256: sha256))
    #expect(again.wasPresent)
    #expect(again.checks == [.sha256, .model])
    #expect(again.summary == "present: its SHA-256 is right, it opens as a model")
  }

  @Test func goesOnWhereItWasInterrupted() async throws {
    let entry = try entry("good", sha256: sha256)
    do {
      let file = try PartFile(part, source: server.url("good", offered).absoluteString)
      try file.append(content.prefix(120_000))
      try file.note { $0.validator = "\"v1\"" }
    }
    try await pull(entry)
    #expect(server.requests(for: offered) == ["/good bytes=120000- \"v1\""])
    #expect(try Data(contentsOf: target) == content)
  }

  @Test func aBrokenConnectionIsTakenUpAgain() async throws {
    try await pull(entry("drop", sha256: sha256))
    #expect(try Data(contentsOf: target) == content)
    #expect(
      server.requests(for: offered) == [
        "/drop - -", "/drop bytes=100000- \"v1\"", "/drop bytes=200000- \"v1\"",
      ])
  }

  @Test func aChangedFileIsFetchedFromItsBeginning() async throws {
    do {
      let file = try PartFile(part, source: server.url("changed", offered).absoluteString)
      try file.append(Data(repeating: 9, count: 50_000))
      try file.note { $0.validator = "\"old\"" }
    }
    try await pull(entry("changed"))
    #expect(try Data(contentsOf: target) == content)
  }

  @Test func withoutValidatorOrHashNothingIsContinued() async throws {
    do {
      let file = try PartFile(part, source: server.url("plain", offered).absoluteString)
      try file.append(Data(repeating: 9, count: 50_000))
      try file.note { $0.validator = nil }
    }
    let result = try await pull(entry("plain"))
    #expect(
      result.summary
        == "fetched: its length is right, it opens as a model; no SHA-256 of it is known")
    #expect(server.requests(for: offered) == ["/plain - -"])
    #expect(try Data(contentsOf: target) == content)
  }

  @Test func bytesOfAnotherAddressAreNotContinued() async throws {
    do {
      let file = try PartFile(part, source: "https://elsewhere.example/tiny.gguf")
      try file.append(Data(repeating: 9, count: 50_000))
      try file.note { $0.validator = "\"v1\"" }
    }
    try await pull(entry("good"))
    #expect(try Data(contentsOf: target) == content)
  }

  @Test func aCompletePartNeedsNoMoreBytes() async throws {
    do {
      let file = try PartFile(part, source: server.url("good", offered).absoluteString)
      try file.append(content)
      try file.note { $0.validator = "\"v1\"" }
    }
    try await pull(entry("good", sha256: sha256))
    #expect(try Data(contentsOf: target) == content)
  }

  @Test func aPartLongerThanTheFileBeginsAnew() async throws {
    do {
      let file = try PartFile(part, source: server.url("good", offered).absoluteString)
      try file.append(content + content)
      try file.note { $0.validator = "\"v1\"" }
    }
    try await pull(entry("good", sha256: sha256))
    #expect(try Data(contentsOf: target) == content)
  }

  /// A server that gives another range than it was asked for is asked for all.
  @Test func aMisalignedRangeBeginsAnew() async throws {
    do {
      let file = try PartFile(part, source: server.url("shifted", offered).absoluteString)
      try file.append(content.prefix(120_000))
      try file.note { $0.validator = "\"v1\"" }
    }
    try await pull(entry("shifted", sha256: sha256))
    #expect(server.requests(for: offered) == ["/shifted bytes=120000- \"v1\"", "/shifted - -"])
    #expect(try Data(contentsOf: target) == content)
  }

  @Test func aServerThatCannotGoOnIsNotAskedForEver() async throws {
    let file = try PartFile(part, source: "x")
    let download = HTTPDownload(url: server.url("shifted-drop", offered), pauses: [0, 0, 0])
    let error = await #expect(throws: DownloadError.self) {
      _ = try await download.fetch(into: file) { _, _ in }
    }
    #expect(error?.description.contains("cannot go on from where the last try ended") == true)
    #expect(server.requests(for: offered).count == 6)
  }

  @Test func aLengthOfNoFileIsRefused() async throws {
    let entry = try entry("vast")
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("1125899906842625 bytes, more than any file has") == true)
  }

  @Test func aWrongHashKeepsTheFileAside() async throws {
    let wrong = String(repeating: "0", count: 64)
    let entry = try entry("good", sha256: wrong)
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("the SHA-256 is \(sha256), not \(wrong)") == true)
    #expect(files() == ["tiny.gguf.mismatch"])
  }

  @Test func theHubsHashIsChecked() async throws {
    #expect(try await pull(entry("hub")).checks == [.length, .sha256, .model])
    #expect(try Data(contentsOf: target) == content)
    #expect(server.requests(for: offered).count == 2)
  }

  @Test func whatIsNoModelIsNotPutInPlace() async throws {
    try Data("<html>sign in</html>".utf8).write(to: offered)
    let entry = try entry("good")
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("not a GGUF file") == true, "\(error?.description ?? "")")
    #expect(files() == ["tiny.gguf.mismatch"])
  }

  @Test(arguments: [
    ("open", "run past the end of the file"), ("cut", "run past the end of the file"),
    ("hub-cut", "it has 200000 bytes, not 300000"),
  ])
  func aModelThatIsCutShortIsNotPutInPlace(_ mode: String, _ reason: String) async throws {
    let entry = try entry(mode)
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(files() == ["tiny.gguf.mismatch"])
  }

  /// Another model of the same name, or a damaged one, is not called present.
  @Test func aPresentFileIsOpenedToo() async throws {
    try await pull(entry("good"))
    let entry = try entry("404")
    #expect(try await pull(entry).checks == [.model])
    try content.prefix(200_000).write(to: target)
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("run past the end of the file") == true)
    #expect(error?.description.hasSuffix("move it away, then run this again") == true)
  }

  /// A whole file of a kind that this program does not know stays, and is not called usable.
  @Test func aModelOfAnotherKindIsNotCalledGood() async throws {
    var model = TinyModel.llama()
    model.metadata["general.architecture"] = .string("abacus")
    try model.write(to: offered.path)
    let entry = try entry("good")
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("“abacus”, which is not supported") == true)
    #expect(
      error?.description.hasSuffix("the file is in its place (its length is right), but cannot be used")
        == true)
    #expect(files() == ["tiny.gguf"])
  }

  @Test func aPartOfASplitModelIsCheckedAlone() async throws {
    var model = TinyModel.llama()
    model.metadata["split.count"] = .uint16(2)
    model.metadata["split.no"] = .uint16(0)
    try model.write(to: offered.path)
    #expect(try await pull(entry("good")).checks == [.length, .part])
  }

  @Test func anotherLengthIsRefusedBeforeItIsFetched() async throws {
    let entry = try entry("good", bytes: 299_999)
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("300000 bytes long, where 299999 are expected") == true)
  }

  @Test(arguments: [
    ("404", "there is no such file"), ("403", "wants a login"), ("418", "status 418"),
    ("away", "/tiny.gguf, which is not https"),
  ])
  func refusalsAreClear(_ mode: String, _ message: String) async throws {
    let entry = try entry(mode)
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains { $0.isNewline } == false)
  }

  @Test func noServerIsClearAndQuick() async throws {
    let url = URL(string: "http://127.0.0.1:1/tiny.gguf")!
    let error = await #expect(throws: DownloadError.self) {
      try await pull(CatalogueEntry(name: "tiny", file: "tiny.gguf", source: .url(url)))
    }
    #expect(error?.description.contains("no connection to the server") == true, "\(error?.description ?? "")")
  }

  @Test func busyServersAreTriedAgain() async throws {
    let file = try PartFile(part, source: "x")
    let download = HTTPDownload(url: server.url("503", offered), pauses: [0, 0, 0])
    let error = await #expect(throws: DownloadError.self) {
      _ = try await download.fetch(into: file) { _, _ in }
    }
    #expect(error?.description.contains("status 503") == true)
    #expect(server.requests(for: offered).count == 3)
  }

  @Test(.timeLimit(.minutes(5))) func silenceCountsAsALostConnection() async throws {
    let file = try PartFile(part, source: "x")
    let download = HTTPDownload(url: server.url("stall", offered), timeout: 1, pauses: [0])
    let error = await #expect(throws: DownloadError.self) {
      _ = try await download.fetch(into: file) { _, _ in }
    }
    #expect(error?.description.contains("the server is silent") == true, "\(error?.description ?? "")")
  }

  @Test func cancellingKeepsWhatCame() async throws {
    let entry = try entry("stall")
    let task = Task { try await pull(entry) }
    while ((try? Data(contentsOf: part)) ?? Data()).count < 1000 {
      try await Task.sleep(for: .milliseconds(5))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(files() == ["tiny.gguf.part", "tiny.gguf.part.json"])
    #expect(try Data(contentsOf: part) == content.prefix(1000))
  }

  @Test func twoProgramsDoNotFetchTheSameFile() async throws {
    let held = try PartFile(part, source: "x")
    let entry = try entry("good")
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("another pare is fetching this model") == true)
    withExtendedLifetime(held) {}
  }

  @Test func aFileThatIsNotTheCataloguesIsLeftAlone() async throws {
    try FileManager.default.createDirectory(at: store.folder, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: target)
    let entry = try entry("good", sha256: sha256)
    let error = await #expect(throws: DownloadError.self) { try await pull(entry) }
    #expect(error?.description.contains("move it away") == true)
    #expect(try Data(contentsOf: target) == Data("mine".utf8))
  }

  @Test func aFullDiskIsNoticedBeforehand() throws {
    let error = #expect(throws: DownloadError.self) { try checkFreeSpace(1 << 60, in: folder.url) }
    #expect(error?.description.contains("make room") == true)
    #expect(throws: Never.self) { try checkFreeSpace(1, in: folder.url) }
  }

  /// `/dev/full` takes no byte, as a full disk does.
  @Test func aFullDiskIsNoticedOnWriting() throws {
    _ = try folder.write(#"{"source": "x", "completeParts": 0, "completeBytes": 0}"#, as: "full.json")
    let link = folder.url.appending(path: "full")
    try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/dev/full")
    let file = try PartFile(link, source: "x")
    let error = #expect(throws: DownloadError.self) { try file.append(content) }
    #expect(error?.description.hasPrefix("the disk is full") == true)
  }

  @Test func hashesAreThoseOfTheStandard() throws {
    // FIPS 180-2, appendix B.
    for (text, hash) in [
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ] { #expect(try FileHash.sha256(of: folder.write(text, as: "hash")) == hash) }
  }
}
