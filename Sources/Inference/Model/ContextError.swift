/// Tokens that a context cannot take; one line that says why and what to do.
public enum ContextError: Error, CustomStringConvertible, Hashable {
  case empty
  case full(needed: Int, capacity: Int)
  /// A text that is longer than `capacity` tokens can be, which is `limit` bytes at most.
  case long(bytes: Int, limit: Int, capacity: Int)
  case memory(positions: Int, bytesPerPosition: Int)
  /// More memory is needed than there is: the whole sentence.
  case need(String)

  public var description: String {
    switch self {
    case .empty: "there are no tokens to read: the prompt is empty"
    case .full(let needed, let capacity):
      "\(needed) tokens do not fit the context of \(capacity): shorten the text or raise --context"
    case .long(let bytes, let limit, let capacity) where capacity < .max:
      "a text of \(bytes) bytes does not fit the context of \(capacity) tokens, which hold \(limit) bytes at most: "
        + "shorten the text or raise --context"
    case .long(let bytes, let limit, _):
      "a text of \(bytes) bytes is longer than the \(limit) that are read: shorten it"
    case .memory(let positions, let bytesPerPosition):
      "a context of \(positions) positions does not fit the memory of this machine, at \(bytesPerPosition) bytes "
        + "a position: lower --context"
    case .need(let sentence): sentence
    }
  }
}
