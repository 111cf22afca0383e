import Foundation
import Inference
import Testing

@testable import Sessions

@Suite struct ConversationTests {
  @Test func rerunningAddsABranchBesideTheFirstAnswer() throws {
    let conversation = try session(twoAnswers).conversation
    #expect(conversation[3]?.content == "Because.")
    #expect(conversation[3]?.answer?.tokenIDs == [5, 6, 7])
    #expect(conversation[3]?.answer?.plan == .baseline)
    #expect(conversation[4]?.answer?.plan == plan(dropping: [1, 2]))
    #expect(conversation[4]?.answer?.stop == .interrupted)
    #expect(conversation.answers(to: 2).map(\.id) == [3, 4])
    #expect(conversation.leaf == 4)
    #expect(conversation.lastPrompt?.id == 2)
    #expect(conversation.nextID == 5)
  }

  @Test func editingAMessageKeepsTheOldBranch() throws {
    var session = try session(twoAnswers)
    try session.apply(.message(id: 5, parent: 1, role: .user, content: "How?"))
    #expect(session.conversation.path().map(\.content) == ["Be brief.", "How?"])
    #expect(session.conversation.siblings(of: 5).map(\.id) == [2, 5])
    #expect(session.conversation.sibling(of: 5, offset: -1)?.id == 2)
    #expect(session.conversation.sibling(of: 5, offset: 1) == nil)
    #expect(session.conversation.sibling(of: 5, offset: .min) == nil)
    try session.apply(.selected(session.conversation.newestLeaf(from: 2)))
    #expect(session.conversation.path().map(\.content) == ["Be brief.", "Why?", "No."])
    #expect(session.conversation.path(to: 3).last?.content == "Because.")
  }

  @Test func theLastSystemMessageOfTheBranchComesFirstAndAlone() throws {
    var session = try session(twoAnswers)
    try session.apply(.message(id: 5, parent: 4, role: .system, content: "Be long."))
    try session.apply(.message(id: 6, parent: 5, role: .user, content: "Why?"))
    #expect(
      session.conversation.messages() == [
        ChatMessage(role: .system, content: "Be long."), ChatMessage(role: .user, content: "Why?"),
        ChatMessage(role: .assistant, content: "No."), ChatMessage(role: .user, content: "Why?"),
      ])
    #expect(session.conversation.messages(to: 2).first?.content == "Be brief.")
  }

  @Test func anEmptySystemMessageTakesTheOthersAway() throws {
    var session = try session(twoAnswers)
    try session.apply(.message(id: 5, parent: 4, role: .system, content: ""))
    try session.apply(.message(id: 6, parent: 5, role: .user, content: "Why?"))
    #expect(session.conversation.messages().map(\.role) == [.user, .assistant, .user])
    try session.apply(.message(id: 7, parent: 6, role: .system, content: "Be long."))
    #expect(session.conversation.messages().map(\.role) == [.system, .user, .assistant, .user])
  }

  @Test func aNewRootBeginsAnotherBranch() throws {
    var session = try session(twoAnswers)
    try session.apply(.selected(nil))
    #expect(session.conversation.path().isEmpty)
    #expect(session.conversation.lastPrompt == nil)
    try session.apply(.message(id: 9, parent: nil, role: .user, content: "Hello"))
    #expect(session.conversation.siblings(of: 9).map(\.id) == [1, 9])
    #expect(session.conversation.nextID == 10)
  }

  @Test(arguments: [
    SessionEvent.message(id: 2, parent: 1, role: .user, content: "taken id"),
    .message(id: 9, parent: 8, role: .user, content: "no parent"),
    .message(id: 9, parent: 9, role: .user, content: "its own parent"),
    .message(id: 0, parent: nil, role: .user, content: "id too small"),
    .message(id: .max, parent: nil, role: .user, content: "id too large"),
    .answerText(id: 3, text: "after the end", tokenIDs: []),
    .answerText(id: 2, text: "not an answer", tokenIDs: []),
    .answerEnded(id: 77, statistics()),
    .selected(77),
  ])
  func eventsThatDoNotFitChangeNothing(_ event: SessionEvent) throws {
    var session = try session(twoAnswers)
    let before = session
    #expect(throws: SessionError.self) { try session.apply(event) }
    #expect(session == before)
  }

  @Test func aFailedAnswerKeepsWhatCameOfIt() throws {
    var session = try session(Array(twoAnswers.prefix(5)))
    #expect(session.conversation[3]?.answer?.isOpen == true)
    try session.apply(.answerFailed(id: 3, message: "out of memory"))
    #expect(session.conversation[3]?.content == "Be")
    #expect(session.conversation[3]?.answer?.failure == "out of memory")
    #expect(session.conversation[3]?.answer?.isOpen == false)
  }

  @Test func longConversationsStayQuick() throws {
    var session = Session()
    for id in 1...20_000 {
      try session.apply(.message(id: id, parent: id == 1 ? nil : id - 1, role: .user, content: "x"))
    }
    #expect(session.conversation.path().count == 20_000)
    #expect(session.conversation.newestLeaf(from: 1) == 20_000)
  }
}
