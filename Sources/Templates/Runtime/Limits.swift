/// Bounds on the work of a rendering; past them it ends with an error. Templates come with model files and
/// are not trusted.
public struct Limits: Sendable, Hashable {
  /// Evaluations and iterations.
  public var steps: Int
  /// Bytes of all texts and containers that are made, the output and intermediate ones together.
  public var bytes: Int
  /// Nesting of statements, expressions, macro calls and values, together.
  public var depth: Int

  /// Far more than any known template needs for a full context; about two seconds of work at most.
  public static let standard = Limits(steps: 10_000_000, bytes: 256 << 20, depth: 400)

  /// Limits of one's own; see the properties for the units.
  public init(steps: Int, bytes: Int, depth: Int) {
    self.steps = steps
    self.bytes = bytes
    self.depth = depth
  }
}
