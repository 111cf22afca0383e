/// A model file that cannot be used; one line with the file, the place in it, what is wrong and what to do.
public struct GGUFError: Error, CustomStringConvertible, Sendable, Hashable {
  /// The file as it was asked for; nil for metadata that was not read from a file.
  public let file: String?
  /// Where in the file: a byte offset, a key or a tensor. Nil when it is the file as a whole.
  public let place: String?
  /// The problem, and what to do about it.
  public let problem: String

  /// An error about `place` in `file`; either may be nil.
  public init(file: String?, place: String? = nil, _ problem: String) {
    self.file = file
    self.place = place
    self.problem = problem
  }

  public var description: String {
    [file.map { Self.printable($0, limit: 4096) }, place, problem].compactMap { $0 }.joined(separator: ": ")
  }

  /// A name out of an untrusted file in quotes, on one line and not too long.
  package static func quote(_ name: String) -> String { "“\(printable(name, limit: 80))”" }

  /// Control characters, which could drive the terminal or break the line, become `\u{..}`.
  private static func printable(_ text: String, limit: Int) -> String {
    var result = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index == limit { return result + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
