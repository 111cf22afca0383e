import Foundation
import Inference
import Testing

@testable import Sessions

/// What the model gets of a branch: cuts, answers without text, and answers that go on.
@Suite struct PromptTests {
  /// Three turns: 1 asks, 2 answers, 3 asks, 4 answers, 5 asks, 6 answers.
  static let threeTurns: [SessionEvent] = (0..<3).flatMap { turn -> [SessionEvent] in
    let question = 2 * turn + 1
    return [
      .message(id: question, parent: turn == 0 ? nil : question - 1, role: .user, content: "Q\(turn)"),
      .answerBegan(
        id: question + 1, parent: question, model: model, plan: .baseline, sampling: SamplingOptions()),
      .answerText(id: question + 1, text: "A\(turn)", tokenIDs: [turn]),
      .answerEnded(id: question + 1, statistics()),
    ]
  }

  private func contents(_ session: Session, to id: Int? = nil) -> [String] {
    session.conversation.messages(to: id).map { "\($0.role.rawValue.prefix(1)):\($0.content)" }
  }

  @Test func aCutHoldsForWhatFollowsItAndForNoOtherBranch() throws {
    let session = try session(
      Self.threeTurns + [
        .message(id: 7, parent: 6, role: .user, content: "Q3"),
        .contextCut(id: 7, ContextCut(start: 5)),
        .answerBegan(id: 8, parent: 7, model: model, plan: .baseline, sampling: SamplingOptions()),
        .answerText(id: 8, text: "A3", tokenIDs: [9]), .answerEnded(id: 8, statistics()),
        .message(id: 9, parent: 8, role: .user, content: "Q4"),
      ])
    #expect(contents(session) == ["u:Q2", "a:A2", "u:Q3", "a:A3", "u:Q4"])
    #expect(contents(session, to: 7) == ["u:Q2", "a:A2", "u:Q3"])
    // Branches that do not hold the message see all.
    #expect(contents(session, to: 6).count == 6)
    #expect(session.conversation.contextStart(to: 9) == 5 && session.conversation.contextStart(to: 6) == nil)
    // What was left out is still there.
    #expect(session.conversation.path().count == 9)
  }

  @Test func theLastCutCountsAndCanTakeItBack() throws {
    var session = try session(Self.threeTurns + [.contextCut(id: 4, ContextCut(start: 3))])
    #expect(contents(session) == ["u:Q1", "a:A1", "u:Q2", "a:A2"])
    try session.apply(.contextCut(id: 6, ContextCut(start: nil)))
    #expect(contents(session).count == 6)
  }

  /// System prompts stay, and a summary stands in the first message, since not all templates take a second
  /// system message.
  @Test func theSystemPromptAndTheSummaryStay() throws {
    let session = try session(
      Self.threeTurns + [
        .message(id: 7, parent: 6, role: .system, content: "Be brief."),
        .contextCut(id: 7, ContextCut(start: 5, summary: "They said Q and A.")),
      ])
    let messages = contents(session)
    #expect(messages.count == 3 && messages[0] == "s:Be brief." && messages[2] == "a:A2")
    #expect(messages[1].hasPrefix("u:") && messages[1].hasSuffix("\n\nQ2"))
    #expect(messages[1].contains("They said Q and A."))
  }

  @Test func afterAllIsForgottenTheNextMessageIsTheFirst() throws {
    var session = try session(Self.threeTurns + [.contextCut(id: 6, ContextCut(start: 6))])
    #expect(contents(session) == [])
    try session.apply(.message(id: 7, parent: 6, role: .user, content: "Q3"))
    #expect(contents(session) == ["u:Q3"])
  }

  /// User and assistant take turns, whatever failed.
  @Test func anAnswerWithoutTextIsNoTurn() throws {
    let session = try session(
      Self.threeTurns + [
        .message(id: 7, parent: 6, role: .user, content: "Q3"),
        .answerBegan(id: 8, parent: 7, model: model, plan: .baseline, sampling: SamplingOptions()),
        .answerFailed(id: 8, message: "no numbers"),
        .message(id: 9, parent: 8, role: .user, content: "Q4"),
      ])
    #expect(contents(session).suffix(2) == ["a:A2", "u:Q3\n\nQ4"])
    #expect(session.conversation.prompt().map(\.node) == [1, 2, 3, 4, 5, 6, 7])
    // The answer under way is no part of its own prompt.
    #expect(contents(session, to: 8).last == "u:Q3")
  }

  @Test(arguments: [
    [SessionEvent.contextCut(id: 99, ContextCut(start: 1))],
    [.answerContinued(id: 1, model: model, plan: .baseline, sampling: SamplingOptions())],
    [.answerContinued(id: 99, model: model, plan: .baseline, sampling: SamplingOptions())],
    [
      .answerContinued(id: 6, model: model, plan: .baseline, sampling: SamplingOptions()),
      .answerContinued(id: 6, model: model, plan: .baseline, sampling: SamplingOptions()),
    ],
  ])
  func whatDoesNotFitIsRefused(events: [SessionEvent]) {
    #expect(throws: SessionError.self) { try session(Self.threeTurns + events) }
  }

  /// A cut whose message is on no branch, as in a file that was written by hand, cuts nothing.
  @Test func aCutElsewhereCutsNothing() throws {
    #expect(contents(try session(Self.threeTurns + [.contextCut(id: 6, ContextCut(start: 77))])).count == 6)
  }

  static let continued: [SessionEvent] = [
    .answerContinued(id: 6, model: model, plan: plan(dropping: [3]), sampling: SamplingOptions()),
    .answerText(id: 6, text: " and on", tokenIDs: [20, 21]),
    .answerPlan(id: 6, .baseline), .answerText(id: 6, text: "!", tokenIDs: [22]),
    .answerEnded(id: 6, statistics(stop: .loop)),
    .answerContinued(id: 6, model: model, plan: .baseline, sampling: SamplingOptions()),
    .answerText(id: 6, text: "?", tokenIDs: [23, -1]), .answerFailed(id: 6, message: "gone"),
    .message(id: 7, parent: 5, role: .assistant, content: "As I would"),
    .answerContinued(id: 7, model: model, plan: plan(dropping: [1]), sampling: SamplingOptions()),
    .answerText(id: 7, text: " have it", tokenIDs: [30]), .answerEnded(id: 7, statistics()),
  ]

  @Test func answersGoOnWhereTheyEnded() throws {
    let session = try session(Self.threeTurns + Self.continued)
    let answer = try #require(session.conversation[6]?.answer)
    #expect(session.conversation[6]?.content == "A2 and on!?")
    #expect(answer.tokenIDs == [2, 20, 21, 22, 23, -1])
    #expect(answer.continuations.map(\.tokens) == [1, 4])
    #expect(answer.continuations.map { $0.statistics?.stop } == [.endOfTurn, .loop])
    #expect(answer.planChanges.map(\.tokens) == [1, 3] && answer.lastPlan == .baseline)
    #expect(answer.failure == "gone" && answer.statistics == nil)
    #expect(session.conversation[6]?.beginning == AnswerBeginning(tokenIDs: [2, 20, 21, 22, 23]))
    #expect(
      session.conversation[7]?.beginning == AnswerBeginning(text: "As I would", tokenIDs: [30]))
    #expect(session.conversation[7]?.content == "As I would have it")
  }

  /// A journal that is written anew, and one that is read again, hold the same session.
  @Test func aSessionIsItsEvents() throws {
    var loop = statistics(stop: .loop)
    loop.loop = Repetition(from: 4, period: 2)
    let events =
      Self.threeTurns + Self.continued + [
        .contextCut(id: 7, ContextCut(start: 3, summary: "So it was.")),
        .answerContinued(id: 7, model: model, plan: .baseline, sampling: SamplingOptions()),
        .answerEnded(id: 7, loop),
      ]
    for length in 0...events.count {
      let original = try session(Array(events.prefix(length)))
      #expect(try session(original.events.map(\.event)) == original, "\(length)")
      let lines = try events.prefix(length).map { event in
        let record = try #require(JournalRecord(event, at: noon))
        return try #require(try JournalCoding.decode(JournalCoding.encode(record)).record.event())
      }
      #expect(try session(lines) == original, "\(length)")
    }
  }
}

@Suite struct PromptFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "prompts-\(UUID().uuidString)")

  @Test func keptAndUsedAgain() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(PromptFile.names(in: folder) == [])
    try PromptFile.save("You are a pirate.", as: "pirate", in: folder, replaces: false)
    #expect(try PromptFile.load("pirate", in: folder) == "You are a pirate.")
    try PromptFile.save("You are a pirate.", as: "pirate", in: folder, replaces: false)  // the same again
    let taken = #expect(throws: FileError.self) {
      try PromptFile.save("Other", as: "pirate", in: folder, replaces: false)
    }
    #expect(taken?.isTaken == true)
    try PromptFile.save("Other", as: "pirate", in: folder, replaces: true)
    #expect(try PromptFile.load("pirate", in: folder) == "Other")
    let missing = #expect(throws: FileError.self) { try PromptFile.load("pirat", in: folder) }
    #expect(missing?.description.contains("did you mean pirate?") == true)
    for name in ["../x", "", ".hidden"] {
      #expect(throws: FileError.self) { try PromptFile.load(name, in: folder) }
      #expect(throws: FileError.self) { try PromptFile.save("x", as: name, in: folder, replaces: true) }
    }
  }

  @Test(arguments: [
    ("Say {{input}} twice: {{input}}", "ha", "Say ha twice: ha"), ("Sum up:", "text", "Sum up:\n\ntext"),
    ("Sum up:", "", "Sum up:"), ("{{input}}", "", ""),
  ])
  func theInputHasItsPlace(prompt: String, input: String, filled: String) {
    #expect(PromptFile.filled(prompt, with: input) == filled)
  }
}

@Suite struct TextFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "text-\(UUID().uuidString)")

  @Test func whatIsNoTextIsRefused() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String, _ data: Data) throws -> String {
      let url = folder.appending(path: name)
      try data.write(to: url)
      return url.path
    }
    #expect(try TextFile.read(file("good", Data("\u{FEFF}a\r\n\u{1B}[31mb\tc".utf8))) == "a\n[31mb\tc")
    let pipe = folder.appending(path: "pipe").path
    #expect(mkfifo(pipe, 0o600) == 0)
    for (path, why) in [
      (try file("latin", Data([0x63, 0x61, 0x66, 0xE9])), "not text in UTF-8"),
      (try file("binary", Data([0x61, 0, 0x62])), "not text in UTF-8"),
      (try file("large", Data(repeating: 0x61, count: TextFile.maximumBytes + 1)), "larger than the 1 MB"),
      (folder.path, "is a folder"), (folder.path + "/none", "there is no such file"), (pipe, "a pipe"),
      (folder.path + "/a\nb", "\\n"),
    ] {
      let error = #expect(throws: FileError.self) { try TextFile.read(path) }
      #expect(error?.description.contains(why) == true, "\(error?.description ?? "")")
    }
    #expect(TextFile.names(in: folder.path).contains("good"))
  }
}
