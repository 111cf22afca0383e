import Foundation
import Inference

/// An event of a session. A session is the result of its events, applied in order; the journal holds one line
/// for each.
public enum SessionEvent: Sendable, Hashable {
  /// The model that answers from here on.
  case model(ModelReference)
  case plan(Plan)
  case sampling(SamplingChoices)
  /// Any other choice that shall be as it was when the session is resumed, such as `theme` or `live`.
  case setting(key: String, value: String)
  /// A message of the user, a system prompt, or an answer as the user would have it. It becomes the leaf.
  case message(id: Int, parent: Int?, role: ChatMessage.Role, content: String)
  /// The model begins to answer `parent`. The answer becomes the leaf.
  case answerBegan(id: Int, parent: Int, model: ModelReference, plan: Plan, sampling: SamplingOptions)
  /// The answer begins with the first tokens of another one, which follow, and goes its own way from there.
  case answerBranched(id: Int, from: Int, tokens: Int)
  /// More of an answer; `records` are those of its tokens, or none where they are not known.
  case answerText(
    id: Int, text: String, reasoning: String = "", tokenIDs: [Int], records: [TokenRecord] = [])
  /// The answer goes on under another plan.
  case answerPlan(id: Int, Plan)
  /// An answer that has ended, or one that the user wrote, goes on.
  case answerContinued(id: Int, model: ModelReference, plan: Plan, sampling: SamplingOptions)
  /// The figures are those of the whole answer.
  case answerEnded(id: Int, AnswerStatistics)
  /// The answer could not be finished; its text so far stays.
  case answerFailed(id: Int, message: String)
  /// The model's memory begins elsewhere for the message or answer `id`, and for all that follows.
  case contextCut(id: Int, ContextCut)
  /// The user turned to another branch; nil lets the next message begin one at the root.
  case selected(Int?)
  /// A record of a kind that this program does not know, since a newer one wrote it: its line, without the end.
  case unknown(line: Data)
}

/// An event that does not fit the session; one line that says why.
public struct SessionError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}
