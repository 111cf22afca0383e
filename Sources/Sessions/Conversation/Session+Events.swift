import Foundation
import Inference

extension Session {
  /// Events that make this session when they are applied in order to an empty one, each with its time: what a
  /// journal holds that is written anew.
  ///
  /// The pieces in which answers came are joined; times of their ends are those of their beginnings.
  var events: [(event: SessionEvent, date: Date)] {
    let start = conversation.nodes.first?.date ?? .now
    var events: [(event: SessionEvent, date: Date)] = []
    if let model { events.append((.model(model), start)) }
    if plan != .baseline { events.append((.plan(plan), start)) }
    if sampling != SamplingChoices() { events.append((.sampling(sampling), start)) }
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      events.append((.setting(key: key, value: value), start))
    }
    for node in conversation.nodes { events += node.events.map { ($0, node.date) } }
    if conversation.leaf != conversation.nodes.last?.id {
      events.append((.selected(conversation.leaf), .now))
    }
    return events
  }
}

extension Conversation.Node {
  fileprivate var events: [SessionEvent] {
    guard let answer else { return [.message(id: id, parent: parent, role: role, content: content)] }
    // An answer always has a parent: see `JournalRecord.event()`.
    var events: [SessionEvent] = [
      .answerBegan(
        id: id, parent: parent ?? 0, model: answer.model, plan: answer.plan, sampling: answer.sampling)
    ]
    var rest = answer.tokenIDs[...]
    var text = Substring(content).utf8
    func add(_ count: Int, bytes: Int) {
      guard count > 0 || bytes > 0 else { return }
      events.append(
        .answerText(
          id: id, text: String(decoding: text.prefix(bytes), as: UTF8.self),
          tokenIDs: Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
      text = text.dropFirst(bytes)
    }
    for change in answer.planChanges {
      add(
        change.tokens - (answer.tokenIDs.count - rest.count),
        bytes: change.bytes - (content.utf8.count - text.count))
      events.append(.answerPlan(id: id, change.plan))
    }
    add(rest.count, bytes: text.count)
    if let statistics = answer.statistics { events.append(.answerEnded(id: id, statistics)) }
    if let failure = answer.failure { events.append(.answerFailed(id: id, message: failure)) }
    return events
  }
}
