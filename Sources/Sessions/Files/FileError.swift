/// A file of the user's or of the program's that cannot be used; one line that says which, what is wrong
/// and what to do.
public struct FileError: Error, CustomStringConvertible, Hashable {
  public let description: String
  /// Whether a file that may not be replaced is in the way.
  public let isTaken: Bool

  init(_ description: String, isTaken: Bool = false) {
    self.description = description
    self.isTaken = isTaken
  }
}
