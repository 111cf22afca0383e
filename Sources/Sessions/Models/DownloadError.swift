/// A model that could not be fetched; one line that says what happened and what to do.
public struct DownloadError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}
