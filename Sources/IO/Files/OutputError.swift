import Glibc

/// Output that cannot be written; one line that says where, why, and what to do.
public struct OutputError: Error, CustomStringConvertible, Sendable, Hashable {
  /// What stands in the way.
  public enum Kind: Sendable, Hashable {
    /// Nothing can be written under this name.
    case place
    /// A file that holds something is there, and may not be replaced.
    case taken
    /// It is a file that the work reads.
    case input
    /// Writing failed after it had begun.
    case failed
  }

  /// The file as it was asked for, or `stdout`.
  public let path: String
  public let kind: Kind
  /// The reason, without the place.
  public let reason: String

  public var description: String { "\(path): \(reason)".onOneLine }

  init(_ path: String, _ kind: Kind, _ reason: String) {
    self.path = path
    self.kind = kind
    self.reason = reason
  }

  /// A system call that failed with `code`.
  static func system(_ path: String, _ kind: Kind, _ code: Int32) -> OutputError {
    OutputError(path, kind, "it cannot be written: \(systemMessage(code))")
  }
}

/// The system's words for an error's number.
package func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
