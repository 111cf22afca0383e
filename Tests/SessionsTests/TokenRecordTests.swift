import Foundation
import Inference
import Testing

@testable import Sessions

/// What journals keep of each token, beside its id.
@Suite struct TokenRecordTests {
  private let folder: TemporaryFolder
  private let store: SessionStore

  init() throws {
    folder = try TemporaryFolder()
    store = SessionStore(directory: folder.url)
  }

  private static func record(_ bytes: Int, _ part: AnswerPart = .content, rank: Int = 1) -> TokenRecord {
    var draw = TokenDraw()
    draw.rank = rank
    (draw.logProbability, draw.entropy, draw.probability) = (-0.5 * Float(rank), 1.25, 0.75)
    for place in 0..<10 {
      draw.candidates.append(
        TokenDraw.Candidate(token: Int32(40 * place), logProbability: -0.5 * Float(place + 1)))
    }
    draw.candidates[9].cut = 0
    draw.steps = [TokenDraw.Step(kind: .topK, left: 9, logMass: -0.01)]
    return TokenRecord(bytes: bytes, part: part, draw: PackedDraw(draw))
  }

  private static let sampling = SamplingOptions()
  /// A thought, a change of plan, a continuation; and a branch with the first two tokens.
  private static let events: [SessionEvent] = [
    .message(id: 1, parent: nil, role: .user, content: "Why?"),
    .answerBegan(id: 2, parent: 1, model: model, plan: .baseline, sampling: sampling),
    .answerText(
      id: 2, text: "", reasoning: "One ", tokenIDs: [3, 4],
      records: [record(0, .reasoning), record(4, .reasoning, rank: 3)]),
    .answerPlan(id: 2, plan(dropping: [1])),
    .answerText(id: 2, text: "Be", tokenIDs: [5], records: [record(2)]),
    .answerEnded(id: 2, statistics(stop: .interrupted)),
    .answerContinued(id: 2, model: model, plan: plan(dropping: [1]), sampling: sampling),
    .answerText(
      id: 2, text: "cause\u{FFFD}", tokenIDs: [6, -1],
      records: [record(5, rank: 900), TokenRecord(bytes: 3, part: .content)]),
    .answerEnded(id: 2, statistics()),
    .answerBegan(id: 3, parent: 1, model: model, plan: .baseline, sampling: sampling),
    .answerBranched(id: 3, from: 2, tokens: 2),
    .answerText(
      id: 3, text: "", reasoning: "One ", tokenIDs: [3, 4],
      records: [record(0, .reasoning), record(4, .reasoning, rank: 3)]),
    .answerText(id: 3, text: "No", tokenIDs: [8], records: [record(2)]),
    .answerEnded(id: 3, statistics()),
  ]

  private func journalled(_ events: [SessionEvent]) throws -> (file: String, session: Session) {
    let name = try SessionName("a")
    let journal = try store.open(name, at: noon).journal
    for event in events { try journal.record(event, at: noon) }
    journal.close()
    let replay = try store.read(name)
    #expect(replay.notes.isEmpty)
    return (try String(contentsOf: store.url(of: name), encoding: .utf8), replay.session)
  }

  @Test func theJournalKeepsThem() throws {
    let (file, session) = try journalled(Self.events)
    #expect(session == (try Session().applying(Self.events)))
    let answer = try #require(session.conversation[2]?.answer)
    #expect(answer.records.map(\.bytes) == [0, 4, 2, 5, 3])
    #expect(answer.records.map { $0.draw?.figures?.rank } == [1, 3, 1, 900, nil])
    #expect(answer.records[1].draw?.draw?.candidates.count == 10)
    #expect(session.conversation[3]?.answer?.branch == AnswerBranch(answer: 2, tokens: 2))
    #expect(session.conversation[2]?.answer?.branch == nil)
    #expect(file.contains("\"drawn\":\"AQ"))
  }

  /// A session that is written anew keeps them: the pieces of an answer are joined.
  @Test func aSessionIsItsEvents() throws {
    for length in 0...Self.events.count {
      let original = try Session().applying(Array(Self.events.prefix(length)))
      #expect(try Session().applying(original.events.map(\.event)) == original)
    }
  }

  /// Files of older programs, of newer ones, and what is no record at all: the text stays, the rest is not known.
  @Test(arguments: ["", #","drawn":"AgAA""#, #","drawn":"§§§""#, #","drawn":"AQ==""#, #","drawn":"""#])
  func otherFiles(field: String) throws {
    let lines = """
      {"at":"2026-01-01T12:00:00.125Z","kind":"session","version":1}
      {"at":"2026-01-01T12:00:00.125Z","kind":"message","id":1,"role":"user","content":"Why?"}
      {"at":"2026-01-01T12:00:00.125Z","kind":"answer","id":2,"parent":1,"model":{"name":"m"}}
      {"at":"2026-01-01T12:00:00.125Z","kind":"text","id":2,"text":"So","tokens":[7]\(field)}
      {"at":"2026-01-01T12:00:00.125Z","kind":"text","id":2,"text":" it is","tokens":[8]}

      """
    _ = try folder.write(lines, as: "old.jsonl")
    let session = try store.read(SessionName("old")).session
    let node = try #require(session.conversation[2])
    #expect(node.content == "So it is" && node.answer?.tokenIDs == [7, 8])
    #expect(node.answer?.records.isEmpty == true)
  }

  /// After a token that has none there are no more, since the places of their texts are not known.
  @Test func recordsHaveNoGaps() throws {
    let session = try Session().applying(
      Self.events.prefix(2) + [
        .answerText(id: 2, text: "a", tokenIDs: [1], records: [Self.record(1)]),
        .answerText(id: 2, text: "b", tokenIDs: [2]),
        .answerText(id: 2, text: "c", tokenIDs: [3], records: [Self.record(1)]),
      ])
    #expect(session.conversation[2]?.answer?.records.count == 1)
    #expect(try Session().applying(session.events.map(\.event)) == session)
  }

  /// The size that the documents tell.
  @Test func theyAreSmall() {
    let records = (0..<100).map { Self.record(4, rank: $0 + 1) }
    let bytes = TokenRecord.packed(records)!.utf8.count / records.count
    #expect(bytes < 160, "\(bytes) bytes a token")
    #expect(TokenRecord.unpacked(TokenRecord.packed(records)!) == records)
    #expect(TokenRecord.packed([]) == nil)
  }
}
