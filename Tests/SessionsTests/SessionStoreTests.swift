import Foundation
import Inference
import Testing

@testable import Sessions

/// Sessions that are copied, put aside, found and gone on with.
@Suite struct SessionStoreTests {
  let folder: TemporaryFolder
  let store: SessionStore

  init() throws {
    folder = try TemporaryFolder()
    store = SessionStore(directory: folder.url)
  }

  private func make(_ name: String, _ events: [SessionEvent] = twoAnswers) throws -> SessionName {
    let name = try SessionName(name)
    let journal = try store.open(name, at: noon).journal
    for event in events { try journal.record(event, at: noon) }
    journal.close()
    return name
  }

  private func say(_ text: String) -> SessionEvent {
    .message(id: 1, parent: nil, role: .user, content: text)
  }

  @Test func aCopyIsTheSame() throws {
    let name = try make("talk")
    let file = try Data(contentsOf: store.url(of: name))
    #expect(try store.fork(name).description == "talk-2")
    #expect(try store.fork(name, as: SessionName("other")).description == "other")
    #expect(try Data(contentsOf: store.url(of: SessionName("talk-2"))) == file)
    #expect(throws: JournalError.exists(try SessionName("other"))) {
      try store.fork(name, as: SessionName("other"))
    }
    #expect(throws: JournalError.self) { try store.fork(SessionName("nobody")) }
    // An open one is copied as far as it is in the file, without a line under way.
    let journal = try store.open(name, at: noon).journal
    try FileHandle(forWritingTo: store.url(of: name)).seekToEnd()
    let copy = try store.fork(name)
    #expect(try store.read(copy).session == store.read(name).session)
    journal.close()
    // What is no session is not copied.
    try Data("mine\n".utf8).write(to: store.url(of: name))
    #expect(throws: JournalError.self) { try store.fork(name) }
    #expect(!store.exists(try SessionName("talk-4")))
  }

  @Test func theCopyOfATornLineIsWhole() throws {
    let name = try make("talk")
    let file = try Data(contentsOf: store.url(of: name))
    try (file + Data("{\"at\":".utf8)).write(to: store.url(of: name))
    #expect(try Data(contentsOf: store.url(of: store.fork(name))) == file)
  }

  @Test func whatIsDeletedComesBack() throws {
    let name = try make("talk")
    let file = try Data(contentsOf: store.url(of: name))
    let first = try store.delete(name)
    #expect(store.list().isEmpty && store.deleted.list().map(\.name) == [name])
    // Another of the same name is kept beside it, and neither is replaced.
    _ = try make("talk", [say("Hi")])
    let second = try store.delete(name)
    #expect(second == DeletedSession(name: name, kept: try SessionName("talk-2")))
    _ = try make("talk", [say("Ho")])
    #expect(try store.restore(first).description == "talk-2")
    #expect(try Data(contentsOf: store.url(of: SessionName("talk-2"))) == file)
    #expect(try store.restore(second).description == "talk-3")
    #expect(store.list().count == 3 && store.deleted.list().isEmpty)
    #expect(throws: JournalError.self) { try store.restore(first) }
  }

  @Test func anOpenSessionIsNotPutAside() throws {
    let name = try make("talk")
    let journal = try store.open(name, at: noon).journal
    #expect(throws: JournalError.inUse(name, free: try SessionName("talk-2"))) { try store.delete(name) }
    #expect(throws: JournalError.self) { try store.rename(name, to: SessionName("other")) }
    #expect(store.exists(name))
    journal.close()
    try store.rename(name, to: SessionName("other"))
    #expect(store.list().map(\.name.description) == ["other"])
  }

  @Test func theLastSession() throws {
    #expect(store.last("gone") == nil)
    let old = try make("old"), new = try make("new")
    try FileManager.default.setAttributes([.modificationDate: noon], ofItemAtPath: store.url(of: old).path)
    #expect(store.last(nil) == new)
    #expect(store.last("old") == old)
    #expect(store.last("gone") == new && store.last("../../etc/passwd") == new)
  }

  @Test func listsTellTheModelAndTheFirstMessage() throws {
    _ = try make("talk")
    let long = String(repeating: "word ", count: 3000)
    _ = try make(
      "long",
      [
        .model(model), .message(id: 1, parent: nil, role: .system, content: long),
        .message(id: 2, parent: 1, role: .user, content: "Why?"),
      ])
    let list = store.list()
    #expect(list.map(\.firstPrompt) == ["Why?", "Why?"])
    #expect(list.map(\.model) == [model, model])
  }

  // MARK: Searching

  private func found(_ query: String) throws -> [String] {
    try #require(SessionSearch(store).matches(query)).map(\.summary.name.description).sorted()
  }

  @Test func wordsAreFoundInNamesAndTexts() throws {
    _ = try make(
      "talk",
      twoAnswers + [
        .message(id: 5, parent: 4, role: .user, content: "ÄPFEL “quoted” \"a\\b\"\n\ttab \u{1F600}")
      ])
    _ = try make("sky", [say("Nothing")])
    #expect(try found("because") == ["talk"], "a word that came in two pieces")
    #expect(try found("WHY brief") == ["talk"])
    #expect(try found("why nothing") == [])
    #expect(try found("äpfel") == ["talk"])
    #expect(try found("\"a\\b\" tab") == ["talk"])
    #expect(try found("\u{1F600}") == ["talk"])
    #expect(try found("SK") == ["sky"])
    #expect(try found("sky nothing") == ["sky"], "one word in the name, one in the text")
    #expect(try found("") == ["sky", "talk"])
    #expect(try found("hologram") == [])
    // Keys and figures of the file are not what was said.
    for word in ["kind", "content", "statistics", "temperature", "81.25", "tiny.gguf"] {
      #expect(try found(word) == [], "\(word)")
    }
  }

  @Test func excerptsShowThePlace() throws {
    let words = (0..<200).map { "w\($0)" }.joined(separator: " ")
    _ = try make("talk", [say(words + " needle in\nthe hay " + words)])
    let match = try #require(SessionSearch(store).matches("NEEDLE in")?.first)
    let excerpt = try #require(match.excerpt)
    #expect(excerpt.hasPrefix("…w") && excerpt.contains("w199 needle in the hay w0 w1"), "\(excerpt)")
    #expect(excerpt.count < 220)
  }

  /// Escapes as other writers of JSON have them, spaces after colons, NUL bytes of a torn file.
  @Test func filesOfOtherWriters() throws {
    let lines = """
      {"kind": "session", "version": 1, "at": "2026-01-01T12:00:00Z"}
      {"kind": "message", "at": "2026-01-01T12:00:00Z", "id": 1, "role": "user", "content": "caf\\u00e9 \\ud83d\\ude00 \\"x\\" end\\\\"}
      \0\0\0
      {"kind": "message", "at": "2026-01-01T12:00:00Z", "id": 2, "parent": 1, "role": "user", "content":   "after nul"}
      {"kind": "text", "content": "unended
      """
    try Data(lines.utf8).write(to: folder.url.appending(path: "other.jsonl"))
    for query in ["CAFÉ", "\u{1F600}", "\"x\" end\\", "after nul"] {
      #expect(try found(query) == ["other"], "\(query)")
    }
    #expect(try found("unended") == [])
  }

  @Test func aSearchSeesChangesAndCanBeStopped() throws {
    let name = try make("talk", [say("one")])
    let search = SessionSearch(store)
    #expect(search.matches("two") == [])
    let journal = try store.open(name, at: noon).journal
    try journal.record(.message(id: 2, parent: 1, role: .user, content: "two"))
    #expect(search.matches("two")?.count == 1)
    #expect(search.matches("two", isStopped: { true }) == nil)
  }

  /// Hundreds of sessions, hundreds of megabytes in files: what is read is bounded.
  @Test func ofALongSessionTheEndIsSearched() throws {
    _ = try make(
      "talk",
      [
        say("beginning"),
        .message(id: 2, parent: 1, role: .user, content: String(repeating: "x ", count: 3_000_000)),
        .message(id: 3, parent: 2, role: .user, content: "ending"),
      ])
    #expect(try found("ending") == ["talk"])
    #expect(try found("beginning") == [])
  }
}
