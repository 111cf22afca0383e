/// The labels by which links find their definitions.
enum LinkLabel {
  /// The longest label of CommonMark, in characters.
  private static let longest = 999

  /// Labels are the same without regard to case, and to how much space is between their words.
  static func normalized(_ label: some Sequence<UInt8>) -> String {
    let words = String(decoding: Array(label), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return words.joined(separator: " ").lowercased().uppercased()
  }

  /// What stands in brackets in a text: all that may be the label of a link.
  static func used(in text: some Collection<UInt8>) -> Set<String> {
    guard text.contains(UInt8(ascii: "[")) else { return [] }
    var labels: Set<String> = []
    var label: [UInt8]?
    var isEscaped = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "[") where !isEscaped: label = []
      case UInt8(ascii: "]") where !isEscaped:
        if let label, !label.isEmpty { labels.insert(normalized(label)) }
        label = nil
      default:
        label?.append(byte)
        if let count = label?.count, count > longest { label = nil }
      }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    return labels
  }
}
