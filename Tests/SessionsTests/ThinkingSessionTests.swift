import Foundation
import Inference
import Testing

@testable import Sessions

/// Thoughts in sessions, apart from what was said.
@Suite struct ThinkingSessionTests {
  private static let sampling = {
    var options = SamplingOptions()
    (options.think, options.thinkBudget) = (.low, 40)
    options.templateVariables = ["effort": "3", "name": "a “b”"]
    return options
  }()

  /// The plan changes in the thought, and the answer goes on after a stop in it.
  private static let events: [SessionEvent] = [
    .message(id: 1, parent: nil, role: .user, content: "Why?"),
    .answerBegan(id: 2, parent: 1, model: model, plan: .baseline, sampling: sampling),
    .answerText(id: 2, text: "", reasoning: "One ", tokenIDs: [3, 4]),
    .answerPlan(id: 2, plan(dropping: [1])),
    .answerText(id: 2, text: "", reasoning: "twö", tokenIDs: [5]),
    .answerEnded(id: 2, statistics(stop: .interrupted)),
    .answerContinued(id: 2, model: model, plan: plan(dropping: [1]), sampling: sampling),
    .answerText(id: 2, text: "Be", reasoning: " three.", tokenIDs: [6, 7, 8]),
    .answerText(id: 2, text: "cause.", tokenIDs: [9]),
    .answerEnded(
      id: 2,
      {
        var figures = statistics()
        figures.thought = ThoughtStatistics(tokens: 5, seconds: 1.5, firstContentSeconds: 1.75)
        return figures
      }()),
  ]

  private func recorded() throws -> (file: String, session: Session) {
    let folder = try TemporaryFolder()
    let store = SessionStore(directory: folder.url)
    let name = try SessionName("a")
    let journal = try store.open(name, at: noon).journal
    for event in Self.events { try journal.record(event, at: noon) }
    journal.close()
    let opened = try store.open(name, at: noon)
    opened.journal.close()
    return (try String(contentsOf: store.url(of: name), encoding: .utf8), opened.replay.session)
  }

  @Test func theJournalKeepsThemApart() throws {
    let (file, session) = try recorded()
    #expect(session == (try Session().applying(Self.events)))
    let node = try #require(session.conversation[2])
    #expect(node.content == "Because." && node.reasoning == "One twö three.")
    #expect(node.answer?.planChanges.first?.reasoningBytes == 4)
    #expect(node.answer?.continuations.first?.reasoningBytes == 8)
    #expect(node.answer?.sampling == Self.sampling)
    #expect(node.answer?.statistics?.thought?.firstContentSeconds == 1.75)
    #expect(file.contains("\"reasoning\":\"One \"") && file.contains("\"template.effort\":3"))
    // A program that knows no thoughts finds what it knew.
    #expect(file.contains("\"text\":\"cause.\""))
  }

  @Test func aSessionThatIsWrittenAnewIsTheSame() throws {
    let session = try session(Self.events)
    let again = try Session().applying(session.events.map(\.event))
    #expect(again.conversation[2]?.reasoning == session.conversation[2]?.reasoning)
    #expect(again.conversation[2]?.answer == session.conversation[2]?.answer)
  }

  @Test func promptsGetThemBack() throws {
    let messages = try session(Self.events + [.message(id: 3, parent: 2, role: .user, content: "And?")])
      .conversation.messages()
    #expect(messages.map(\.content) == ["Why?", "Because.", "And?"])
    #expect(messages.map(\.reasoning) == ["", "One twö three.", ""])
  }

  /// An answer that was stopped in its thought is no empty turn.
  @Test func aThoughtAloneIsNotBlank() throws {
    let conversation = try session(Array(Self.events.prefix(6))).conversation
    #expect(conversation[2]?.isBlank == false && conversation.messages().count == 1)
    #expect(conversation[2]?.beginning.tokenIDs == [3, 4, 5])
  }

  @Test func exportsHaveBothParts() throws {
    let replay = Replay(try session(Self.events), created: noon)
    let name = try SessionName("a")
    let markdown = replay.export(as: .markdown, name: name)
    #expect(markdown.contains("> > One twö three.") && markdown.contains("\n> Because."))
    #expect(markdown.contains("5 of thought in 1.5 s"))
    let html = replay.export(as: .html, name: name)
    #expect(html.contains("<summary>thought</summary>") && html.contains("One twö three.</div>"))
    let json = replay.export(as: .json, name: name)
    #expect(json.contains("\"reasoning\" : \"One twö three.\"") && json.contains("\"reasoning_bytes\" : 4"))
  }

  @Test func variablesAreSetInTheSettings() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      """
      [sampling]
      think = "off"
      think_budget = 200
      template.effort = "3"
      template.deep = true
      """, as: "settings.toml")
    let (settings, warnings) = try Settings.load(from: file)
    let options = settings.sampling.over()
    #expect(warnings == [] && options.think == .off && options.thinkBudget == 200)
    #expect(options.templateVariables == ["effort": "3", "deep": "true"])
    let wrong = try folder.write("[sampling]\ntemplate.\"a b\" = 1", as: "wrong.toml")
    #expect(throws: FileError.self) { try Settings.load(from: wrong) }
  }

  @Test func theChoiceOfAModelIsRemembered() throws {
    let folder = try TemporaryFolder()
    var state = RememberedState()
    state.thinking = ["tiny": .init(think: .off, budget: 20)]
    let file = folder.url.appending(path: "state.json")
    try state.save(to: file)
    let loaded = RememberedState.load(from: file)
    #expect(loaded == state)
    let options = loaded.thinking?["tiny"]?.over(SamplingOptions())
    #expect(options?.think == .off && options?.thinkBudget == 20)
  }
}
