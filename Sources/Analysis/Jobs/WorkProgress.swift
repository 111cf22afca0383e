/// The progress of long work.
public struct WorkProgress: Sendable, Hashable {
  /// The work in a few words: "loading", "packing weights", "reading prompt"…
  public var what: String
  /// The fraction that is done, 0…1.
  public var fraction: Double
  public init(what: String, fraction: Double) {
    self.what = what
    self.fraction = fraction
  }
}
