import Inference
import Tokenization

/// A text to measure plans on.
public enum TrialText: Sendable, Hashable {
  /// The built-in one, of many kinds: passages from all over it.
  case builtin
  /// The built-in questions with thoughts and answers.
  case thoughts
  /// The beginning of a text.
  case text([UInt8])
  /// The end of a conversation, as the model reads it.
  case conversation([ChatMessage])

  /// Tokens of a passage, which is read as one text.
  private static let passageLength = 512
  /// Tokens of a passage where passages come from all over a text.
  private static let shortPassageLength = 128

  /// `count` tokens at most, as passages that are read apart from each other. Each begins with the token that
  /// begins a text where the model wants one.
  ///
  /// - Parameter isSpread: Whether short passages are taken from all over the text, as they always are from
  ///   the built-in one, rather than its beginning.
  public func passages(_ model: Model, tokens count: Int, isSpread: Bool = false) throws -> [[Token]] {
    let tokenizer = model.tokenizer
    if self == .thoughts { return try Self.thoughts(model, tokens: count) }
    let ids: [Token], spreads = isSpread || self == .builtin
    let length = min(spreads ? Self.shortPassageLength : Self.passageLength, model.shape.trainedContext)
    switch self {
    case .builtin: ids = tokenizer.encode(Array(CalibrationText.builtin.utf8))
    case .thoughts: ids = []
    case .text(let bytes): ids = tokenizer.encode(bytes)
    case .conversation(let messages): ids = try model.chatFormat.tokens(messages).suffix(count)
    }
    return Self.cut(
      spreads ? Self.spread(ids, count: count, length: length) : Array(ids.prefix(count)), length, tokenizer)
  }

  /// Whole examples, and as much of another as there is room for.
  private static func thoughts(_ model: Model, tokens count: Int) throws -> [[Token]] {
    var passages: [[Token]] = [], rest = count
    for passage in try ThoughtsText.passages(model) where rest > 1 {
      passages.append(Array(passage.prefix(min(rest, model.shape.trainedContext))))
      rest -= passage.count
    }
    return passages.filter { $0.count > 1 }
  }

  private static func cut(_ ids: [Token], _ length: Int, _ tokenizer: Tokenizer) -> [[Token]] {
    stride(from: 0, to: ids.count, by: length).map { start in
      var passage = Array(ids[start..<min(start + length, ids.count)])
      if tokenizer.addsBOS, let bos = tokenizer.bos { passage[0] = bos }
      return passage
    }.filter { $0.count > 1 }
  }

  /// Bytes that identify the text.
  public var identity: [UInt8] {
    switch self {
    case .builtin: Array(CalibrationText.builtin.utf8)
    case .thoughts: Array(ThoughtsText.source.utf8)
    case .text(let bytes): bytes
    case .conversation(let messages):
      messages.flatMap { message in
        let thought = message.reasoning.isEmpty ? "" : "\(message.reasoning)\0"
        return Array("\(message.role.rawValue) \(message.content)\0\(thought)".utf8)
      }
    }
  }

  /// Pieces of `length` from all over a text, `count` tokens together.
  private static func spread(_ ids: [Token], count: Int, length: Int) -> [Token] {
    let pieces = max(1, (min(count, ids.count) + length - 1) / length)
    let step = pieces > 1 ? (ids.count - length) / (pieces - 1) : 0
    return Array((0..<pieces).flatMap { ids[min($0 * step, ids.count)...].prefix(length) }.prefix(count))
  }
}
