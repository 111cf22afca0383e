/// A template that cannot be parsed or rendered: the reason and the place.
public struct TemplateError: Error, Hashable {
  /// The reason, without the place.
  public var message: String
  /// nil where no place in the template is to blame, as with malformed input values.
  public var position: Position?

  /// A place in the template's source.
  public struct Position: Sendable, Hashable {
    /// The line, from 1.
    public var line: Int32
    /// The column in Unicode scalars, from 1.
    public var column: Int32

    /// Numbers that do not fit are clamped.
    public init(line: Int, column: Int) {
      self.line = Int32(clamping: line)
      self.column = Int32(clamping: column)
    }
  }

  /// An error, without a place unless one is given.
  public init(_ message: String, at position: Position? = nil) {
    self.message = message
    self.position = position
  }
}

extension TemplateError: CustomStringConvertible {
  public var description: String {
    guard let position else { return "chat template: \(message)" }
    return "chat template, line \(position.line), column \(position.column): \(message)"
  }
}
