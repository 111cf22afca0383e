import Foundation
import Inference

extension Replay {
  /// The whole tree, with the ids of the current branch; the keys are those of the journal.
  func json(name: SessionName) -> String {
    let document = Document(
      name: name.description, created: created?.formatted(.iso8601), model: session.model, plan: session.plan,
      sampling: SamplingRecord(session.sampling), settings: session.settings,
      branch: session.conversation.path().map(\.id), nodes: session.conversation.nodes.map(NodeRecord.init),
      notes: notes)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings and finite numbers, which always encode.
    return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
  }

  private struct Document: Encodable {
    let name: String
    let created: String?
    let model: ModelReference?
    let plan: Plan
    let sampling: SamplingRecord
    let settings: [String: String]
    let branch: [Int]
    let nodes: [NodeRecord]
    let notes: [String]
  }

  private struct NodeRecord: Encodable {
    let id: Int
    let parent: Int?
    let role: ChatMessage.Role
    let content: String
    /// Absent where there is none.
    var reasoning: String?
    let at: String
    var model: ModelReference?
    var plan: Plan?
    /// Absent where the plan stayed.
    var changes: [PlanChange]?
    var sampling: SamplingRecord?
    var tokens: [Int]?
    var statistics: StatisticsRecord?
    var failure: String?
    /// Where the model's memory begins from here on.
    var context: CutRecord?

    struct CutRecord: Encodable {
      var start: Int?
      var summary: String?
    }

    init(_ node: Conversation.Node) {
      id = node.id
      parent = node.parent
      role = node.role
      content = node.content
      reasoning = node.reasoning.isEmpty ? nil : node.reasoning
      at = node.date.formatted(.iso8601)
      context = node.cut.map { CutRecord(start: $0.start, summary: $0.summary) }
      guard let answer = node.answer else { return }
      model = answer.model
      plan = answer.plan
      changes = answer.planChanges.isEmpty ? nil : answer.planChanges
      sampling = SamplingRecord(SamplingChoices(all: answer.sampling))
      tokens = answer.tokenIDs
      statistics = answer.statistics.map(StatisticsRecord.init)
      failure = answer.failure
    }
  }
}
