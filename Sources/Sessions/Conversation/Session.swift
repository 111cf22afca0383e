import Foundation
import Inference

/// A conversation with the choices that go with it: a pure value, built from events.
public struct Session: Sendable, Hashable {
  public private(set) var conversation = Conversation()
  public private(set) var model: ModelReference?
  public private(set) var plan = Plan.baseline
  /// The sampling options that were chosen; the model's defaults fill the rest.
  public private(set) var sampling = SamplingChoices()
  /// Other choices by key, as text: see ``SessionEvent/setting(key:value:)``.
  public private(set) var settings: [String: String] = [:]
  /// Keys of a newer program in records of kinds that are known, in order.
  var unknownFields: [UnknownFields] = []
  /// Records of a newer program, in order: kept for it, and not understood.
  private(set) var unknownRecords: [UnknownRecord] = []

  /// A line of a journal, and the node that was the newest when it came; nil before the first.
  struct UnknownRecord: Sendable, Hashable {
    var line: Data
    var after: Int?
  }

  /// An empty session without a model, under the baseline.
  public init() {}

  /// Applies `event`, or throws and stays as it was.
  public mutating func apply(_ event: SessionEvent, at date: Date = .now) throws(SessionError) {
    switch event {
    case .model(let model): self.model = model
    case .plan(let plan): self.plan = plan
    case .sampling(let sampling): self.sampling = sampling
    case .setting(let key, let value): settings[key] = value
    case .message(let id, let parent, let role, let content):
      try conversation.append(.init(id: id, parent: parent, role: role, content: content, date: date))
    case .answerBegan(let id, let parent, let model, let plan, let sampling):
      let answer = Answer(model: model, plan: plan, sampling: sampling)
      try conversation.append(
        .init(id: id, parent: parent, role: .assistant, content: "", date: date, answer: answer))
    case .answerBranched(let id, let from, let tokens):
      try conversation.updateAnswer(id) { $0.answer?.branch = AnswerBranch(answer: from, tokens: tokens) }
    case .answerText(let id, let text, let reasoning, let tokenIDs, let records):
      try conversation.updateAnswer(id) {
        $0.content += text
        $0.reasoning += reasoning
        $0.answer?.tokenIDs += tokenIDs
        $0.answer?.add(records, of: tokenIDs.count)
      }
    case .answerPlan(let id, let plan):
      try conversation.updateAnswer(id) {
        let tokens = $0.answer?.tokenIDs.count ?? 0
        $0.answer?.planChanges.append(
          PlanChange(
            tokens: tokens, bytes: $0.content.utf8.count, reasoningBytes: $0.reasoning.utf8.count, plan: plan)
        )
      }
    case .answerContinued(let id, let model, let plan, let sampling):
      try conversation.continueAnswer(id) { node in
        let bytes = node.content.utf8.count, reasoningBytes = node.reasoning.utf8.count
        guard var answer = node.answer else {
          node.answer = Answer(model: model, plan: plan, sampling: sampling)
          node.answer?.givenBytes = bytes
          return
        }
        let tokens = answer.tokenIDs.count
        answer.continuations.append(
          Continuation(
            tokens: tokens, bytes: bytes, reasoningBytes: reasoningBytes, sampling: sampling,
            statistics: answer.statistics, failure: answer.failure))
        if plan != answer.lastPlan {
          answer.planChanges.append(
            PlanChange(tokens: tokens, bytes: bytes, reasoningBytes: reasoningBytes, plan: plan))
        }
        (answer.statistics, answer.failure) = (nil, nil)
        node.answer = answer
      }
    case .contextCut(let id, let cut): try conversation.cut(cut, at: id)
    case .answerEnded(let id, let statistics):
      try conversation.updateAnswer(id) { $0.answer?.statistics = statistics }
    case .answerFailed(let id, let message):
      try conversation.updateAnswer(id) { $0.answer?.failure = message }
    case .selected(let id): try conversation.select(id)
    case .unknown(let line):
      unknownRecords.append(UnknownRecord(line: line, after: conversation.nodes.last?.id))
    }
  }
}
