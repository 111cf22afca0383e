/// A file of the user's or of the program's that cannot be used; one line that says which, what is wrong
/// and what to do.
public struct FileError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}
