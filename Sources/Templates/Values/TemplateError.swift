/// Why a template could not be parsed or rendered, and where.
public struct TemplateError: Error, Hashable {
  public var message: String
  /// nil where no place in the template is to blame, as with malformed input values.
  public var position: Position?

  /// A place in the template's source; both numbers start at 1, columns count Unicode scalars.
  public struct Position: Sendable, Hashable {
    public var line: Int32
    public var column: Int32

    public init(line: Int, column: Int) {
      self.line = Int32(clamping: line)
      self.column = Int32(clamping: column)
    }
  }

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
