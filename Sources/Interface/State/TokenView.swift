import Foundation
import IO
import Inference
import Sessions

/// The figure by which the words of answers are shaded: each is brighter where the model was less sure.
enum TokenShade: String, Sendable, Hashable, CaseIterable {
  /// Of the token, before the sampler.
  case probability
  /// −ln p of the token.
  case surprise
  /// Of the distribution that it was drawn from.
  case entropy

  /// Nats that have the brightest shade.
  private static let most = 6.0

  /// The names of the calm and the bright end of the scale.
  var ends: (String, String) {
    switch self {
    case .probability: ("p 1", "0")
    case .surprise: ("surprise 0", "6 nats")
    case .entropy: ("entropy 0", "6 nats")
    }
  }

  /// How a token is shaded.
  func shade(of figures: PackedDraw.Figures) -> Shade {
    switch self {
    case .probability: Shade(1 - exp(Double(figures.logProbability)))
    case .surprise: Shade(Double(-figures.logProbability) / Self.most)
    case .entropy: Shade(Double(figures.entropy) / Self.most)
    }
  }

  /// What the key chooses after `shade`.
  static func next(after shade: TokenShade?) -> TokenShade? {
    guard let shade else { return .surprise }
    let order: [TokenShade?] = [.surprise, .probability, .entropy, nil]
    return order[order.firstIndex(of: shade)! + 1]
  }
}

/// The token of an answer that is looked at.
struct TokenCursor: Sendable, Hashable {
  /// The node of the answer.
  var node: Int
  /// The index of the token among those of the answer, from 0.
  var token: Int
  /// The candidate that keys act on: its index among those of the token.
  var candidate = 0
  /// The token of the user's own that is typed; nil while none is.
  var field: TextField?
  /// The plan whose candidates stand beside.
  var other: Plan?
}

extension AppState {
  /// nil where no token is looked at.
  var tokenCursor: TokenCursor? {
    get { if case .token(let cursor) = overlay { cursor } else { nil } }
    set { overlay = newValue.map { .token($0) } }
  }

  /// Whether answers are shown as they were written, with their tokens told apart.
  var showsTokens: Bool { tokenShade != nil || tokenCursor != nil }

  /// What is known of how a token was drawn; nil where that is nothing.
  func draw(of token: Int, in node: Int) -> TokenDraw? {
    guard let records = session.conversation[node]?.answer?.records, records.indices.contains(token) else {
      return nil
    }
    return records[token].draw?.draw
  }

  /// The name of a token, as it can be shown in a line.
  func tokenText(_ id: Int) -> String { model?.spelling?.text(of: id).sanitized ?? "#\(id)" }
}

extension Answer {
  /// The sampling options that a token was drawn with.
  func sampling(of token: Int) -> SamplingOptions {
    continuations.last { $0.tokens <= token }?.sampling ?? sampling
  }

  /// The plan that a token was computed under.
  func plan(of token: Int) -> Plan { planChanges.last { $0.tokens <= token }?.plan ?? plan }

  /// Whether the places of all its tokens in its text are known.
  var hasRecords: Bool { records.count == tokenIDs.count }
}

extension ChatEntry {
  /// An answer as it was written, with its tokens told apart.
  ///
  /// - Parameter mark: What stands where a plan came into use.
  init(tokensOf answer: Answer, _ node: Conversation.Node, width: Int, mark: (Plan) -> String) {
    var tokens = Tokens()
    var shown: [AnswerPart: String] = [.content: "", .reasoning: ""]
    var rest: [AnswerPart: ArraySlice<UInt8>] = [
      .content: Array(node.content.utf8)[...], .reasoning: Array(node.reasoning.utf8)[...],
    ]
    func add(_ text: String, _ part: AnswerPart, token: Int = TokenText.none) {
      tokens[part].append(text, token: token)
      shown[part]? += text
    }
    func take(_ count: Int, _ part: AnswerPart) -> String {
      let taken = rest[part]?.prefix(count) ?? []
      rest[part] = rest[part]?.dropFirst(count)
      return String(decoding: taken, as: UTF8.self)
    }
    add(take(answer.givenBytes, .content), .content)
    var changes = answer.planChanges[...]
    for (index, record) in answer.records.enumerated() {
      while let change = changes.first, change.tokens <= index {
        add(mark(change.plan), record.part)
        changes.removeFirst()
      }
      add(take(record.bytes, record.part), record.part, token: index)
    }
    for part in AnswerPart.allCases { add(take(.max, part), part) }
    for change in changes { add(mark(change.plan), node.isAllThought ? .reasoning : .content) }
    self.init(
      node: node.id, text: WrappedText(verbatim: shown[.content] ?? "", width: width),
      thought: shown[.reasoning].flatMap {
        $0.isEmpty ? nil : ChatEntry.thought($0, width: width, isVerbatim: true)
      }, tokens: tokens)
  }
}
