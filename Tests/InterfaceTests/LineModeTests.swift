import Engine
import Foundation
import IO
import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// The interface without a screen, with its real surroundings on disk and a scripted engine.
@MainActor @Suite struct LineModeTests {
  private struct Run {
    var output = ""
    var notes: [String] = []
    var outcome: ChatOutcome
    var commands: [EngineCommand]
  }

  private let home = FileManager.default.temporaryDirectory.appending(path: "pare-lines-\(UUID())")

  private func setup() throws -> ChatSetup {
    let models = home.appending(path: "models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    for name in ["fake.gguf", "other.gguf"] { try Data("x".utf8).write(to: models.appending(path: name)) }
    let directories = Directories(environment: ["PARE_MODELS": models.path], home: home.path)
    return ChatSetup(
      directories: directories, models: ModelStore(folder: models),
      model: models.appending(path: "fake.gguf").path)
  }

  private func chat(
    _ lines: [LineReader.Input], answers: [String] = [], writeFails: OutputError? = nil,
    _ change: (inout ChatSetup) -> Void = { _ in }, beforeLine: @escaping (Int) -> Void = { _ in }
  ) throws -> Run {
    var setup = try setup()
    change(&setup)
    let wakes = DispatchSemaphore(value: 0)
    let engine = FakeEngine(answers: answers, broken: [home.appending(path: "models/other.gguf").path]) {
      wakes.signal()
    }
    let (runner, opened) = try EffectRunner.open(setup, engine: engine)
    let state = AppState(
      session: opened.replay.session, theme: try ThemeCatalog(userFolder: nil).theme("dark"),
      defaults: setup.defaults, isInLines: true)
    var run = Run(outcome: .quit(session: nil), commands: [])
    var rest = lines[...]
    let mode = LineMode(
      runner: runner, state: state, wakes: wakes, activity: Activity(),
      readLine: {
        beforeLine(rest.startIndex)
        return rest.popFirst() ?? .end
      },
      write: { text throws(OutputError) in
        if let writeFails { throw writeFails }
        run.output += text
      }, note: { run.notes.append($0) })
    run.outcome = try mode.run(ChatInterface.firstEvents(setup, opened))
    run.commands = engine.commands
    return run
  }

  @Test func answersGoToTheOutputAndNotesElsewhere() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat(
      [.line("Hi"), .line("/drop attn 5"), .line("/rerun"), .line("/drop x"), .line("/heat mlp"), .line("")],
      answers: ["Hello \u{1B}[31mthere", "Hello friend"])
    #expect(run.output == "Hello [31mthere\nHello friend\n")
    #expect(run.notes.contains("plan: attn −5"))
    #expect(run.notes.contains { $0.hasPrefix("splits at token 1") })
    #expect(run.notes.contains { $0.contains("needs the screen") })
    guard case .quit(let session?) = run.outcome else {
      Issue.record("\(run.outcome)")
      return
    }
    #expect(session.hasSuffix("-hi"))
    // The session is on disk, and goes on where it was.
    let again = try chat([.line("More")], answers: ["Yes"]) { $0.session = session }
    guard case .answer(let request)? = again.commands.last else {
      Issue.record("\(again.commands)")
      return
    }
    #expect(request.messages.map(\.content) == ["Hi", "Hello friend", "More"])
    #expect(request.plan.drop.attention == [5])
  }

  @Test func plansAreKeptOnDisk() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat([
      .line("/drop attn 5-7"), .line("/plan save lean"), .line("/plan reset"), .line("/plan load lean"),
      .line("/plan list"), .line("/plan load none"), .line("/plan save ../x"),
    ])
    #expect(run.notes.contains("plan saved as lean"))
    #expect(run.notes.contains("plan lean: attn −5-7"))
    #expect(run.notes.contains("plans: lean"))
    #expect(run.notes.contains { $0.contains("no plan “none”") })
    #expect(run.notes.contains { $0.contains("cannot be a name") })
    #expect(run.outcome == .quit(session: nil))
  }

  @Test func aBrokenFirstModelEndsTheProgram() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat([.line("Hi")]) { $0.model = home.appending(path: "models/other.gguf").path }
    guard case .noModel(let message) = run.outcome else {
      Issue.record("\(run.outcome)")
      return
    }
    #expect(message.hasSuffix("is not a GGUF file"))
  }

  @Test func aBrokenSecondModelDoesNot() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat([.line("/model other"), .line("/model nope"), .line("Hi")], answers: ["Still here"])
    #expect(run.output == "Still here\n")
    #expect(run.notes.contains { $0.hasSuffix("is not a GGUF file") })
    #expect(run.notes.contains { $0.contains("no model “nope”") })
  }

  @Test func interruptsAtThePromptEndTheProgram() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat([.line("Hi"), .interrupted, .line("never")], answers: ["Hello"])
    #expect(run.outcome == .signal(SIGINT))
    #expect(run.output == "Hello\n")
  }

  /// Where nothing can be read or written the program ends; what was said is kept.
  @Test func failingStreamsEndTheProgram() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let full = try #require(
      #expect(throws: OutputError.self) { try OutputFile("/dev/full", replaces: false).write("x".utf8) })
    #expect(throws: full) {
      try chat([.line("Hi"), .line("never")], answers: ["Hello", "no"], writeFails: full)
    }
    let sessions = SessionStore(directory: try setup().directories.sessions).list()
    #expect(sessions.map(\.firstPrompt) == ["Hi"])
    let closed = InputError(stdin: EBADF)
    #expect(throws: closed) { try chat([.failed(closed)]) }
  }

  @Test func unreadableLinesAreAnError() throws {
    let folder = open("/tmp", O_RDONLY)
    defer { close(folder) }
    #expect(LineReader(descriptor: folder) { false }.next() == .failed(InputError(stdin: EISDIR)))
  }

  /// Another plan of the name stays until it is said that it may go.
  @Test func plansAreReplacedOnlyWhenAsked() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat([
      .line("/drop attn 5"), .line("/plan save lean"), .line("/plan save lean"), .line("/drop attn 6"),
      .line("/plan save lean"), .line("/plan load lean"), .line("/drop attn 9"),
      .line("/plan save lean --force"), .line("/plan reset"), .line("/plan load lean"),
    ])
    #expect(run.notes.filter { $0 == "plan saved as lean" }.count >= 2)
    #expect(run.notes.contains("another plan is saved as lean: /plan save lean --force replaces it"))
    #expect(run.notes.contains("plan lean: attn −5") && run.notes.contains("plan lean: attn −5,9"))
  }

  /// A file in the place of the sessions' folder refuses all that is written, as a full disk does.
  private func refuseSessions(_ isRefused: Bool) throws {
    let folder = try setup().directories.sessions
    try? FileManager.default.removeItem(at: folder)
    if isRefused { try Data().write(to: folder) }
  }

  @Test func whatIsNotSavedIsSaidOnceAndSavedLater() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat(
      [.line("One"), .line("Two"), .line("/new"), .line("Three")], answers: ["a b c d", "e f g h", "i"],
      beforeLine: { line in
        if line == 0 { try? self.refuseSessions(true) }
        if line == 3 { try? self.refuseSessions(false) }
      })
    #expect(run.notes.filter { $0.contains("is not being saved") }.count == 1)
    // Another session is not begun while this one would be lost.
    #expect(run.notes.contains { $0.contains("cannot write") && !$0.contains("not being saved") })
    #expect(run.notes.contains { $0.contains("saved again") })
    guard case .quit(let name?) = run.outcome else {
      Issue.record("\(run.outcome)")
      return
    }
    let store = SessionStore(directory: try setup().directories.sessions)
    let session = try store.read(SessionName(name)).session
    #expect(
      session.conversation.nodes.map(\.content) == ["One", "a b c d", "Two", "e f g h", "Three", "i"])
  }

  @Test func whatIsNotSavedAtTheEndIsSaid() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat([.line("One")], answers: ["a"], beforeLine: { _ in try? self.refuseSessions(true) })
    guard case .unsaved(let reason) = run.outcome else {
      Issue.record("\(run.outcome)")
      return
    }
    #expect(reason.contains("cannot write"))
  }

  @Test func aSessionThatWasDeletedIsKeptAnyway() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat(
      [.line("One"), .line("Two")], answers: ["a", "b"],
      beforeLine: { line in if line == 1 { try? self.refuseSessions(false) } })
    #expect(run.notes.contains { $0.hasSuffix("was gone: the session is written anew") })
    guard case .quit(let name?) = run.outcome else {
      Issue.record("\(run.outcome)")
      return
    }
    let store = SessionStore(directory: try setup().directories.sessions)
    #expect(
      try store.read(SessionName(name)).session.conversation.nodes.map(\.content) == ["One", "a", "Two", "b"])
  }

  @Test func helpAndNewSessionsWork() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let run = try chat(
      [.line("One"), .line("/new"), .line("Two"), .line("/help"), .line("/quit"), .line("never")],
      answers: ["1", "2"])
    let sessions = SessionStore(directory: try setup().directories.sessions).list()
    #expect(Set(sessions.map(\.firstPrompt)) == ["One", "Two"])
    let help = run.notes.joined(separator: "\n")
    #expect(help.contains("/rerun") && help.contains("/quit") && !help.contains("/theme"))
    #expect(run.notes.allSatisfy { !$0.contains("\n") })
    #expect(run.output == "1\n2\n")
  }

  @Test func linesAreReadAsTheyCome() {
    let pipe = Pipe()
    let reader = LineReader(descriptor: pipe.fileHandleForReading.fileDescriptor) { false }
    pipe.fileHandleForWriting.write(Data("one\ntwo é\nlast".utf8))
    try? pipe.fileHandleForWriting.close()
    #expect(reader.next() == .line("one"))
    #expect(reader.next() == .line("two é"))
    #expect(reader.next() == .line("last"))
    #expect(reader.next() == .end)
  }
}
