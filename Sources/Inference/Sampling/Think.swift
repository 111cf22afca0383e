/// Whether and how long a model shall think before it answers.
public enum Think: String, Sendable, Hashable, Codable, CaseIterable {
  case on, off, low, medium, high
}
