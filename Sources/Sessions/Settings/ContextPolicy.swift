/// The way that a conversation goes on when it is too long for the context.
public enum ContextPolicy: String, CaseIterable, Sendable {
  /// The oldest turns are left out; the system prompt stays.
  case drop
  /// So they are, and a summary by the model itself takes their place.
  case summarise
  /// Nothing is left out: the user decides.
  case stop

  /// What happens when the context is full, as the end of a sentence.
  public var summary: String {
    switch self {
    case .drop: "the oldest turns are left out"
    case .summarise: "the model sums up the oldest turns"
    case .stop: "nothing is left out until you say so"
    }
  }
}
