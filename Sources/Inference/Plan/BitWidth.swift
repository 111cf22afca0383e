/// The width of a matrix's weights: that of the file, or that of re-encoding.
public enum BitWidth: String, Sendable, Hashable, CaseIterable {
  case native
  case eight = "8"
  case six = "6"
  case five = "5"
  case four = "4"
  case three = "3"
  case two = "2"
  case ternary
  case one = "1"

  /// The spellings accepted on the command line and in plan files, widest first.
  public static let spellings = allCases.map(\.rawValue)
}

extension BitWidth: Codable {
  /// Accepts a number (`4`) as well as a word (`"native"`, `"4"`).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try (try? container.decode(Int.self)).map(String.init) ?? container.decode(String.self)
    guard let width = BitWidth(rawValue: text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "unknown bits “\(text)”: use one of \(Self.spellings.joined(separator: ", "))")
    }
    self = width
  }

  /// Widths that are numbers are written as numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let number = Int(rawValue) { try container.encode(number) } else { try container.encode(rawValue) }
  }
}
