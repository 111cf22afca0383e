/// A session that cannot be opened, read or written; `description` is one line that says what to do.
public enum JournalError: Error, Hashable, CustomStringConvertible {
  case invalidName(String, why: String)
  /// Another program writes this session.
  case inUse(SessionName, free: SessionName)
  case exists(SessionName)
  case notFound(String, known: [String])
  /// The file is there but is no journal this program reads.
  case unreadable(path: String, why: String)
  case cannotWrite(path: String, why: String)

  public var description: String {
    switch self {
    case .invalidName(let name, let why): "“\(name.printable)” cannot be a name: \(why)"
    case .inUse(let name, let free):
      "session “\(name)” is open in another pare: close it there, or use --session \"\(free)\""
    case .exists(let name): "there is a session “\(name)” already: choose another name"
    case .notFound(let name, let known):
      "there is no session “\(name.printable)”"
        + (known.isEmpty ? ":" : "; did you mean \(known.map { "“\($0)”" }.joined(separator: " or "))?")
        + " `pare sessions list` shows all"
    case .unreadable(let path, let why): "\(path): \(why)"
    case .cannotWrite(let path, let why): "\(path): cannot write: \(why)"
    }
  }
}
