public struct WorkProgress: Sendable, Hashable {
  /// "loading", "packing weights", "reading prompt"…
  public var what: String
  /// 0…1.
  public var fraction: Double
  public init(what: String, fraction: Double) {
    self.what = what
    self.fraction = fraction
  }
}
