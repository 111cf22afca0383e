/// The name of a part of a model in several files: `NAME-00002-of-00003.gguf`, or a path that ends so.
public struct SplitName: Sendable, Hashable {
  /// The path before the number: the model's name, with its folder where there is one.
  public let stem: String
  /// The number of this part, from 1.
  public let number: Int
  /// The number of parts.
  public let count: Int

  /// Nil where `path` does not end as the name of a part does.
  public init?(_ path: String) {
    let pieces = path.split(separator: "-", omittingEmptySubsequences: false)
    guard pieces.count >= 4, path.hasSuffix(".gguf"), pieces[pieces.count - 2] == "of",
      let number = Self.number(pieces[pieces.count - 3]),
      let count = Self.number(pieces[pieces.count - 1].dropLast(5)),
      number >= 1, number <= count
    else { return nil }
    stem = pieces.dropLast(3).joined(separator: "-")
    self.number = number
    self.count = count
  }

  /// The name or path of another part.
  public func part(_ number: Int) -> String { stem + Self.suffix(number, of: count) }

  /// `-00002-of-00003.gguf`
  static func suffix(_ number: Int, of count: Int) -> String { "-\(padded(number))-of-\(padded(count)).gguf" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// Five digits.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.count == 5 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
