/// Memory for weights that the system refused.
public struct MemoryError: Error, Hashable, CustomStringConvertible {
  /// The tensor that would be packed.
  public let tensor: String
  /// Bytes that were asked for.
  public let bytes: Int
  /// The message of the system.
  public let reason: String

  public var description: String {
    "no memory for tensor \(tensor), which takes \(bytes) bytes (\(reason)): close other programs, hold the"
      + " weights at fewer bits (--bits 4), or take a smaller model"
  }
}
