import Foundation
import Inference
import Testing

@testable import Sessions

@Suite struct JournalTests {
  let folder: TemporaryFolder
  let store: SessionStore
  let name: SessionName

  init() throws {
    folder = try TemporaryFolder()
    store = SessionStore(directory: folder.url.appending(path: "sessions"))
    name = try SessionName("talk")
  }

  /// Records `events` in a session called “talk” and closes it.
  private func recordTalk(_ events: [SessionEvent]) throws {
    let journal = try store.open(name, at: noon).journal
    for event in events { try journal.record(event, at: noon) }
    journal.close()
  }

  private func text() throws -> String { try String(contentsOf: store.url(of: name), encoding: .utf8) }

  private func append(_ text: String) throws {
    let handle = try FileHandle(forWritingTo: store.url(of: name))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  @Test func replaysToTheSameSession() throws {
    var sampling = SamplingChoices()
    for (key, text) in [
      ("temperature", "0.1"), ("seed", "\(UInt64.max)"), ("logit_bias", "7-inf,9+0.5"), ("dry_window", "0"),
      ("dry_breakers", "\\n,\\,,\""), ("frequency_penalty", "-0.25"),
    ] {
      try sampling.set(SamplingOption.named(key), to: text)
    }
    let events =
      twoAnswers + [
        .sampling(sampling), .setting(key: "theme", value: "night"), .selected(3),
        .message(id: 5, parent: 3, role: .user, content: "line\nbreak \u{0} \u{2028} \"q\" 👩‍👩‍👧 \\ é"),
        .selected(nil),
      ]
    try recordTalk(events)
    let replay = try store.read(name)
    #expect(replay.session == (try session(events)))
    #expect(replay.session.sampling.over().seed == .max)
    #expect(replay.notes == [])
    #expect(replay.created == noon)
  }

  @Test func everyRecordIsInTheFileWhenRecordReturns() throws {
    let journal = try store.open(name).journal
    for (count, event) in twoAnswers.enumerated() {
      try journal.record(event)
      #expect(try text().split(separator: "\n").count == count + 2)
    }
    #expect(try text().hasPrefix("{\"at\":\""))
    #expect(try text().split(separator: "\n")[0].contains("\"kind\":\"session\",\"version\":1"))
  }

  /// Cut anywhere, a journal reads as the events whose lines are whole.
  @Test func aTornFileLosesOnlyItsLastLine() throws {
    try recordTalk(twoAnswers)
    let bytes = Data(try text().utf8)
    let header = try #require(bytes.firstIndex(of: 10))
    for length in stride(from: bytes.count, to: header, by: -7) {
      let cut = bytes.prefix(length)
      let whole = cut.filter { $0 == 10 }.count - 1
      let replay = try Replay(Data(cut), path: "x")
      let missesOnlyLineEnd = length < bytes.count && bytes[length] == 10
      let expected = try session(Array(twoAnswers.prefix(missesOnlyLineEnd ? whole + 1 : whole)))
      #expect(replay.session == expected)
      #expect(replay.notes.isEmpty == (cut.last == 10 || missesOnlyLineEnd))
    }
  }

  @Test func resumingClosesTheTornLineAndTheOpenAnswer() throws {
    try recordTalk(Array(twoAnswers.prefix(5)))
    try append("{\"at\":\"2026-01-01T1")
    let opened = try store.open(name)
    #expect(!opened.isNew)
    #expect(opened.replay.notes.count == 1)
    #expect(opened.replay.session.conversation[3]?.answer?.failure == "cut off when the program ended")
    try opened.journal.record(.message(id: 4, parent: 2, role: .user, content: "again"))
    opened.journal.close()
    let replay = try store.read(name)
    #expect(replay.session.conversation.nodes.map(\.content) == ["Be brief.", "Why?", "Be", "again"])
    #expect(replay.notes.count == 1)
    #expect(replay.session.conversation[3]?.answer?.isOpen == false)
  }

  @Test func anEmptyFileIsANewSession() throws {
    _ = try store.open(name)
    try Data().write(to: store.url(of: name))
    let opened = try store.open(name)
    #expect(opened.isNew)
    try opened.journal.record(twoAnswers[1])
    #expect(try store.read(name).session.conversation.nodes.count == 1)
  }

  @Test func unknownRecordsAndKeysAreLetPassAndKept() throws {
    try recordTalk(Array(twoAnswers.prefix(3)))
    try append(
      """
      {"kind":"hologram","at":"2026-01-01T12:00:00Z","depth":3}
      {"kind":"message","at":"2026-01-01T12:00:00Z","id":3,"parent":2,"role":"user","content":"x","mood":1}
      {"kind":"sampling","at":"2026-01-01T12:00:00Z","sampling":{"top_k":7,"dry":0.8}}

      """)
    let opened = try store.open(name)
    opened.journal.close()
    #expect(opened.replay.session.conversation.nodes.count == 3)
    #expect(opened.replay.session.sampling.over().topK == 7)
    #expect(opened.replay.session.sampling.options.map(\.key) == ["top_k"])
    #expect(
      opened.replay.notes == [
        "1 record of the unknown kind “hologram” left out: a newer pare wrote this session"
      ])
    #expect(try text().contains("hologram"))
  }

  /// Keys that a newer program wrote into records of known kinds.
  @Test func unknownKeysStayWhenTheSessionIsWrittenAnew() throws {
    try recordTalk(Array(twoAnswers.prefix(3)))
    try append(
      """
      {"kind":"setting","at":"2026-01-01T12:00:00Z","key":"live","value":"on","since":"dawn"}
      {"kind":"setting","at":"2026-01-01T12:00:00Z","key":"live","value":"off","since":"noon"}
      {"kind":"message","at":"2026-01-01T12:00:00Z","id":3,"parent":2,"role":"user","content":"x","mood":{"a/b":[1,0.5]}}

      """)
    let journal = try store.open(name).journal
    try FileManager.default.removeItem(at: store.url(of: name))
    try journal.record(.setting(key: "theme", value: "dark"))
    journal.close()
    let lines = try text().split(separator: "\n")
    #expect(lines.contains { $0.contains("\"id\":3") && $0.hasSuffix(",\"mood\":{\"a/b\":[1,0.5]}}") })
    #expect(lines.contains { $0.contains("\"live\"") && $0.hasSuffix(",\"since\":\"noon\"}") })
    #expect(try !text().contains("dawn"))
    let again = try store.read(name)
    #expect(again.notes == [] && again.session.settings["live"] == "off")
    #expect(again.session.unknownFields.count == 2)
  }

  @Test func damagedLinesCostOnlyThemselves() throws {
    try recordTalk(twoAnswers)
    var lines = try text().split(separator: "\n").map(String.init)
    lines[3] = "{\"kind\":\"message\",\u{1}"  // the question “Why?”
    lines[6] = String(repeating: "[", count: 100_000)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: store.url(of: name))
    let replay = try store.read(name)
    #expect(replay.session.conversation.path(to: 3).map(\.content) == ["Be brief.", "Be"])
    #expect(replay.session.conversation[4]?.content == "No.")
    #expect(replay.notes.contains { $0.hasPrefix("line 4: left out") })
    #expect(replay.notes.contains { $0.hasPrefix("line 7: left out") })
  }

  @Test func randomDamageNeverCrashes() throws {
    try recordTalk(twoAnswers)
    let original = Array(try text().utf8)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? Replay(Data(bytes), path: "x")
    }
  }

  @Test(arguments: [
    "hello\n", "{}\n", "{\"kind\":\"message\",\"at\":\"2026-01-01T12:00:00Z\",\"id\":1}\n", "[1]\n",
    "\u{0}\u{0}\n",
  ])
  func otherFilesAreRefused(_ content: String) throws {
    try FileManager.default.createDirectory(at: store.directory, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: store.url(of: name))
    let error = #expect(throws: JournalError.self) { try store.open(name) }
    #expect(error?.description.contains("not a session of pare") == true)
    #expect(try text() == content)
  }

  @Test func aNewerFormatIsRefusedWithAdvice() throws {
    _ = try store.open(name)
    try Data("{\"kind\":\"session\",\"version\":2,\"at\":\"2026-01-01T12:00:00.000Z\"}\n".utf8)
      .write(to: store.url(of: name))
    let error = #expect(throws: JournalError.self) { try store.open(name) }
    #expect(error?.description.contains("format 2 of a newer pare") == true)
  }

  @Test func twoWritersCannotShareASession() throws {
    let first = try store.open(name)
    try first.journal.record(twoAnswers[1])
    let error = #expect(throws: JournalError.self) { try store.open(name) }
    #expect(error?.description.contains("--session \"talk-2\"") == true)
    #expect(try store.read(name).session.conversation.nodes.count == 1)
    first.journal.close()
    #expect(throws: JournalError.self) { try first.journal.record(twoAnswers[2]) }
    #expect(!(try store.open(name)).isNew)
  }

  @Test func anotherProcessHoldingTheLockIsNoticed() throws {
    try recordTalk([])
    let other = Process()
    other.executableURL = URL(filePath: "/usr/bin/env")
    other.arguments = ["flock", store.url(of: name).path, "sh", "-c", "echo ready; read line"]
    let input = Pipe()
    let output = Pipe()
    other.standardInput = input
    other.standardOutput = output
    try other.run()
    #expect(output.fileHandleForReading.availableData == Data("ready\n".utf8))
    #expect(throws: JournalError.self) { try store.open(name) }
    try input.fileHandleForWriting.close()
    other.waitUntilExit()
    #expect(throws: Never.self) { try store.open(name) }
  }

  @Test func sessionsAreNamedAfterTheFirstWords() throws {
    let opened = try store.create(at: noon)
    let provisional = opened.journal.name
    try opened.journal.record(.model(model), at: noon)
    try opened.journal.record(
      .message(id: 1, parent: nil, role: .user, content: "Why is the sky blue? ../../etc"), at: noon)
    #expect(opened.journal.name.description.hasSuffix("-why-is-the-sky-blue-etc"))
    #expect(!store.exists(provisional))
    #expect(try store.read(opened.journal.name).session.conversation.nodes.count == 1)

    let second = try store.create(at: noon)
    try second.journal.record(
      .message(id: 1, parent: nil, role: .user, content: "why is the sky blue, etc!"), at: noon)
    #expect(second.journal.name.description == opened.journal.name.description + "-2")

    let wordless = try store.create(at: noon)
    try wordless.journal.record(.message(id: 1, parent: nil, role: .user, content: "☃️ …/…"), at: noon)
    #expect(wordless.journal.name == provisional)
  }

  @Test func asSessionInWhichNothingWasSaidLeavesNoFile() throws {
    let opened = try store.create()
    try opened.journal.record(.model(model))
    opened.journal.close()
    #expect(store.list().isEmpty)
  }

  @Test func renamingNeverReplaces() throws {
    try recordTalk(twoAnswers)
    let other = try SessionName("other")
    let open = try store.open(other)
    #expect(throws: JournalError.exists(other)) { try store.rename(name, to: other) }
    #expect(throws: JournalError.self) { try store.rename(other, to: SessionName("free")) }
    try store.rename(name, to: SessionName("moved"))
    #expect(!store.exists(name))
    #expect(try store.read(SessionName("moved")).session == (try session(twoAnswers)))
    try open.journal.rename(to: name)
    try open.journal.record(twoAnswers[1])
    #expect(try store.read(name).session.conversation.nodes.count == 1)
  }

  @Test func listsTheNewestFirst() throws {
    try recordTalk([.message(id: 1, parent: nil, role: .user, content: "first\n  prompt")])
    _ = try folder.write("not a session", as: "sessions/noise.jsonl")
    _ = try folder.write("x", as: "sessions/.hidden.jsonl")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "sessions/folder.jsonl"), withIntermediateDirectories: true)
    let newer = try store.open(SessionName("newer"))
    try newer.journal.record(.model(model))
    newer.journal.close()
    try FileManager.default.setAttributes(
      [.modificationDate: noon], ofItemAtPath: store.url(of: name).path)
    let list = store.list()
    #expect(list.map(\.name.description) == ["newer", "talk"])
    #expect(list.map(\.firstPrompt) == [nil, "first prompt"])
    #expect(list.last?.modified == noon)
  }

  @Test func filesArePrivate() throws {
    try recordTalk([])
    let attributes = try FileManager.default.attributesOfItem(atPath: store.url(of: name).path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func aFileInThePlaceOfTheFolderIsNamed() throws {
    let file = folder.url.appending(path: "sessions")
    try Data().write(to: file)
    let below = SessionStore(directory: file.appending(path: "below"))
    let error = #expect(throws: JournalError.self) { try below.open(name, at: noon) }
    #expect(error?.description == "\(file.path)/below: cannot write: Not a directory")
    let failure = #expect(throws: FileError.self) {
      try PlanFile(plan: .baseline).save(to: file.appending(path: "lean.toml"))
    }
    #expect(failure?.description.contains("Domain") == false, "\(failure as Any)")
  }

  @Test func aMissingSessionNamesNearOnes() throws {
    try recordTalk([])
    let error = #expect(throws: JournalError.self) { try store.read(SessionName("tolk")) }
    #expect(error?.description.contains("did you mean “talk”?") == true)
  }

  @Test func ratesThatAreNotNumbersAreWrittenAsZero() throws {
    var odd = statistics()
    odd.decodeTokensPerSecond = .nan
    odd.prefillTokensPerSecond = .infinity
    try recordTalk(Array(twoAnswers.prefix(4)) + [.answerEnded(id: 3, odd)])
    #expect(try store.read(name).session.conversation[3]?.answer?.statistics?.decodeTokensPerSecond == 0)
  }
}

/// Files that are taken away, replaced or refused while a session is open.
@Suite struct JournalTroubleTests {
  let folder: TemporaryFolder
  let store: SessionStore
  let name: SessionName
  let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    store = SessionStore(directory: folder.url.appending(path: "deep/sessions"))
    name = try SessionName("talk")
    journal = try store.open(name, at: noon).journal
    for event in twoAnswers.dropLast(3) { try journal.record(event, at: noon) }
  }

  private var path: String { store.url(of: name).path }

  /// The rest of the conversation, which must be found after what came before.
  private func recordRest() throws {
    for event in twoAnswers.suffix(3) { try journal.record(event, at: noon) }
  }

  @Test func aDeletedFileIsWrittenAnew() throws {
    try FileManager.default.removeItem(atPath: path)
    try recordRest()
    #expect(journal.takeNews() == ["\(path) was gone: the session is written anew"])
    #expect(journal.takeNews() == [])
    #expect(try store.read(name).session == session(twoAnswers))
    #expect(try store.read(name).created == noon)
    #expect(throws: JournalError.self) { try store.open(name) }  // it is locked as the first was
    journal.close()
    #expect(journal.trouble == nil)
  }

  /// A newer program that opens the session later finds its own records, after the nodes that they followed.
  @Test func recordsOfUnknownKindsAreWrittenAnewToo() throws {
    journal.close()
    let handle = try FileHandle(forWritingTo: store.url(of: name))
    try handle.seekToEnd()
    let line = #"{"at":"2026-01-01T12:00:00.125Z","kind":"hologram","z":[1,{"b":"é"}],"a":2}"#
    try handle.write(contentsOf: Data((line + "\n").utf8))
    try handle.close()
    let opened = try store.open(name, at: noon)
    try FileManager.default.removeItem(atPath: path)
    for event in twoAnswers.suffix(3) { try opened.journal.record(event, at: noon) }
    opened.journal.close()
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex(of: line))
    #expect(lines[..<place].contains { $0.contains(#""id":3,"#) })
    #expect(
      lines[place...].contains { $0.contains(#""id":4,"#) }
        && !lines[..<place].contains { $0.contains(#""id":4,"#) })
    #expect(try store.read(name).session == opened.replay.session.applying(Array(twoAnswers.suffix(3))))
  }

  @Test func aFolderThatIsGoneIsMadeAgain() throws {
    try FileManager.default.removeItem(at: folder.url.appending(path: "deep"))
    journal.close()
    #expect(try store.read(name).session == session(Array(twoAnswers.dropLast(3))))
    #expect(journal.trouble == nil)
  }

  @Test(arguments: ["moved over it", "written into it", "appended to"])
  func aReplacedFileIsLeftAndTheSessionGoesOnBesideIt(_ way: String) throws {
    let foreign: Data
    switch way {
    case "moved over it":
      foreign = Data("mine".utf8)
      try foreign.write(to: store.url(of: name), options: .atomic)
    case "written into it":
      foreign = Data("mine".utf8)
      try foreign.write(to: store.url(of: name))
    default:
      foreign = try Data(contentsOf: store.url(of: name)) + Data("mine\n".utf8)
      let handle = try FileHandle(forWritingTo: store.url(of: name))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("mine\n".utf8))
    }
    try recordRest()
    #expect(try Data(contentsOf: store.url(of: name)) == foreign)
    #expect(journal.name.description == "talk-2")
    #expect(journal.takeNews().first?.hasSuffix("goes on as “talk-2”, and is whole there") == true)
    #expect(try store.read(journal.name).session == session(twoAnswers))
  }

  /// A file in the place of the folder refuses every line, as a full disk does.
  @Test func whatWasRefusedIsWrittenLater() throws {
    let deep = folder.url.appending(path: "deep")
    try FileManager.default.removeItem(at: deep)
    try Data().write(to: deep)
    for event in twoAnswers.suffix(3) {
      #expect(throws: JournalError.self) { try journal.record(event, at: noon) }
    }
    #expect(journal.trouble?.description.contains("cannot write") == true)
    #expect(throws: JournalError.self) { try journal.retry() }
    try FileManager.default.removeItem(at: deep)
    try journal.retry()
    #expect(journal.trouble == nil)
    #expect(try store.read(name).session == session(twoAnswers))
  }

  @Test(.timeLimit(.minutes(1))) func whatWasRefusedIsTriedAgainByItself() async throws {
    let deep = folder.url.appending(path: "deep")
    try FileManager.default.removeItem(at: deep)
    try Data().write(to: deep)
    #expect(throws: JournalError.self) { try journal.record(.plan(plan(dropping: [3])), at: noon) }
    try FileManager.default.removeItem(at: deep)
    while journal.trouble != nil { try await Task.sleep(for: .milliseconds(20)) }
    #expect(try store.read(name).session.plan == plan(dropping: [3]))
  }

  @Test func closingSaysWhatIsNotSaved() throws {
    let deep = folder.url.appending(path: "deep")
    try FileManager.default.removeItem(at: deep)
    try Data().write(to: deep)
    journal.close()
    #expect(journal.trouble != nil)
  }

  /// The events of any session make the same session.
  @Test func aSessionIsItsEvents() throws {
    var sampling = SamplingChoices()
    try sampling.set(SamplingOption.named("temperature"), to: "0.1")
    let events =
      twoAnswers + [
        .sampling(sampling), .setting(key: "theme", value: "night"),
        .answerBegan(id: 5, parent: 2, model: model, plan: .baseline, sampling: SamplingOptions()),
        .answerPlan(id: 5, plan(dropping: [4])), .answerText(id: 5, text: "So", tokenIDs: [1, 2]),
        .answerPlan(id: 5, plan(dropping: [5])), .answerPlan(id: 5, plan(dropping: [6])),
        .answerText(id: 5, text: " it is", tokenIDs: [3]), .selected(3),
      ]
    for length in 0...events.count {
      let original = try session(Array(events.prefix(length)))
      #expect(try session(original.events.map(\.event)) == original)
    }
  }
}

@Suite struct SessionNameTests {
  @Test(arguments: [
    "talk", "2026-01-01-why", "Ünïcode 漢字 हिन्दी", "v1.2_b", String(repeating: "a", count: 200),
  ])
  func good(_ text: String) throws { #expect(try SessionName(text).description == text) }

  @Test(arguments: [
    "", ".", "..", "../x", "a/b", "/etc/passwd", "a\u{0}b", ".hidden", "-rf", " x", "x ", "a\nb",
    "a\u{1B}[31m",
    "a\u{202E}b", "a:b", "a\\b", "$(x)", String(repeating: "a", count: 201),
  ])
  func bad(_ text: String) {
    let error = #expect(throws: JournalError.self) { try SessionName(text) }
    #expect(error?.description.contains { $0.isNewline || $0 == "\u{1B}" } == false)
  }
}
