import Foundation
import Glibc

/// The state that the program keeps from one run to the next, in the state folder. The user's own settings
/// win over it.
public struct RememberedState: Sendable, Hashable, Codable {
  /// The model last opened: a catalogue name or a path.
  public var lastModel: String?
  /// The theme last chosen on the screen.
  public var theme: String?
  /// The session last open.
  public var lastSession: String?

  private enum CodingKeys: String, CodingKey {
    case theme
    case lastModel = "last_model"
    case lastSession = "last_session"
  }

  /// Nothing remembered.
  public init() {}

  /// Reads `url`; a value that is missing or cannot be read is nil, since nothing here is worth an error.
  public static func load(from url: URL) -> RememberedState {
    let data = try? FileDescriptor(url.path, O_RDONLY).readAll(atMost: 1 << 20)
    return data.flatMap { try? JSONDecoder().decode(RememberedState.self, from: $0) } ?? RememberedState()
  }

  /// Writes `url`, replacing the file.
  public func save(to url: URL) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return }  // strings always encode
    try writeAtomically(data, to: url)
  }
}
