import Foundation
import Inference

extension Session {
  /// Events that make this session when they are applied in order to an empty one, each with its time: what a
  /// journal holds that is written anew.
  ///
  /// The pieces in which answers came are joined; times of their ends are those of their beginnings. Records of
  /// unknown kinds stay behind the node that they followed.
  var events: [(event: SessionEvent, date: Date)] {
    let start = conversation.nodes.first?.date ?? .now
    var events: [(event: SessionEvent, date: Date)] = []
    if let model { events.append((.model(model), start)) }
    if plan != .baseline { events.append((.plan(plan), start)) }
    if sampling != SamplingChoices() { events.append((.sampling(sampling), start)) }
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      events.append((.setting(key: key, value: value), start))
    }
    let unknown = Dictionary(grouping: unknownRecords, by: \.after)
    func addUnknown(after node: Int?, _ date: Date) {
      events += (unknown[node] ?? []).map { (.unknown(line: $0.line), date) }
    }
    addUnknown(after: nil, start)
    for node in conversation.nodes {
      events += node.events.map { ($0, node.date) }
      addUnknown(after: node.id, node.date)
    }
    if conversation.leaf != conversation.nodes.last?.id {
      events.append((.selected(conversation.leaf), .now))
    }
    return events
  }
}

extension Conversation.Node {
  fileprivate var events: [SessionEvent] {
    let cuts = cut.map { [SessionEvent.contextCut(id: id, $0)] } ?? []
    guard let answer else {
      return [.message(id: id, parent: parent, role: role, content: content)] + cuts
    }
    let given = String(decoding: content.utf8.prefix(answer.givenBytes), as: UTF8.self)
    // An answer always has a parent: see `JournalRecord.event()`.
    var events: [SessionEvent] =
      given.isEmpty
      ? [
        .answerBegan(
          id: id, parent: parent ?? 0, model: answer.model, plan: answer.plan, sampling: answer.sampling)
      ]
      : [
        .message(id: id, parent: parent, role: role, content: given),
        .answerContinued(id: id, model: answer.model, plan: answer.plan, sampling: answer.sampling),
      ]
    if let branch = answer.branch {
      events.append(.answerBranched(id: id, from: branch.answer, tokens: branch.tokens))
    }
    var text = Array(content.utf8.dropFirst(answer.givenBytes))[...]
    var thought = Array(reasoning.utf8)[...]
    var tokens = answer.tokenIDs[...], records = answer.records[...]
    func add(tokens count: Int, bytes: Int, reasoning: Int) {
      guard count > 0 || bytes > 0 || reasoning > 0 else { return }
      events.append(
        .answerText(
          id: id, text: String(decoding: text.prefix(bytes), as: UTF8.self),
          reasoning: String(decoding: thought.prefix(reasoning), as: UTF8.self),
          tokenIDs: Array(tokens.prefix(count)), records: Array(records.prefix(count))))
      (text, tokens) = (text.dropFirst(bytes), tokens.dropFirst(count))
      records = records.dropFirst(count)
      thought = thought.dropFirst(reasoning)
    }
    func add(_ changes: some Sequence<PlanChange>, tokens end: Int, bytes: Int, reasoning: Int) {
      for change in changes {
        add(
          tokens: change.tokens - tokens.startIndex,
          bytes: change.bytes - answer.givenBytes - text.startIndex,
          reasoning: change.reasoningBytes - thought.startIndex)
        events.append(.answerPlan(id: id, change.plan))
      }
      add(
        tokens: end - tokens.startIndex, bytes: bytes - text.startIndex,
        reasoning: reasoning - thought.startIndex)
    }
    func end(_ statistics: AnswerStatistics?, _ failure: String?) {
      if let statistics { events.append(.answerEnded(id: id, statistics)) }
      if let failure { events.append(.answerFailed(id: id, message: failure)) }
    }
    var changes = answer.planChanges[...]
    var plan = answer.plan
    for continuation in answer.continuations {
      let before = changes.prefix { $0.tokens < continuation.tokens }
      add(
        before, tokens: continuation.tokens, bytes: continuation.bytes - answer.givenBytes,
        reasoning: continuation.reasoningBytes)
      end(continuation.statistics, continuation.failure)
      // The plan that it went on under is noted with it.
      let upTo = changes.prefix { $0.tokens <= continuation.tokens }
      changes = changes.dropFirst(upTo.count)
      plan = upTo.last?.plan ?? plan
      events.append(
        .answerContinued(id: id, model: answer.model, plan: plan, sampling: continuation.sampling))
    }
    add(
      changes, tokens: answer.tokenIDs.count, bytes: content.utf8.count - answer.givenBytes,
      reasoning: reasoning.utf8.count)
    end(answer.statistics, answer.failure)
    return events + cuts
  }
}
