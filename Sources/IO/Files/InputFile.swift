import Foundation

/// A text or file that cannot be read; one line that says which, why, and what to do.
public struct InputError: Error, CustomStringConvertible, Sendable, Hashable {
  public let description: String

  /// An error in these words.
  public init(description: String) { self.description = description }

  /// The failure to read stdin.
  public init(stdin code: Int32) {
    description =
      switch code {
      case EBADF: "stdin: is closed: pipe the text in, or name its file"
      case EISDIR: "stdin: is a folder: pipe in a file"
      default: "stdin: it cannot be read: \(systemMessage(code))"
      }
  }
}

/// Reading of whole inputs.
public enum InputFile {
  /// The bytes of a file; of stdin without a path, or for `-`.
  public static func contents(_ path: String?) throws(InputError) -> Data {
    guard let path, path != "-" else {
      do { return Data(try Descriptor.readAll(STDIN_FILENO)) } catch { throw InputError(stdin: error.code) }
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(path, errno) }
    defer { close(descriptor) }
    do { return Data(try Descriptor.readAll(descriptor)) } catch { throw refusal(path, error.code) }
  }

  private static func refusal(_ path: String, _ code: Int32) -> InputError {
    let reason =
      switch code {
      case ENOENT: "there is no such file"
      case EISDIR: "is a folder: name a file in it"
      default: "it cannot be read: \(systemMessage(code))"
      }
    return InputError(description: "\(path): \(reason)".onOneLine)
  }
}
