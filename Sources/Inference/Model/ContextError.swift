/// Tokens that a context cannot take; one line that says why and what to do.
public enum ContextError: Error, CustomStringConvertible, Hashable {
  case empty
  case full(needed: Int, capacity: Int)
  /// A text that is too long whatever its tokens are.
  case long(bytes: Int, limit: Int)
  case memory(positions: Int, bytesPerPosition: Int)

  public var description: String {
    switch self {
    case .empty: "there are no tokens to read: the prompt is empty"
    case .full(let needed, let capacity):
      "\(needed) tokens do not fit the context of \(capacity): shorten the text or raise --context"
    case .long(let bytes, let limit):
      "a text of \(bytes) bytes does not fit the context, which holds \(limit) at most: shorten the text or "
        + "raise --context"
    case .memory(let positions, let bytesPerPosition):
      "a context of \(positions) positions does not fit the memory of this machine, at \(bytesPerPosition) bytes "
        + "a position: lower --context"
    }
  }
}
