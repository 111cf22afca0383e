/// Which words of a text another text does not have in the same order.
enum WordDifference {
  /// A stretch of the text without spaces.
  static func words(_ text: String) -> [Range<String.Index>] {
    text.split(whereSeparator: \.isWhitespace).map { $0.startIndex..<$0.endIndex }
  }

  /// Words beyond this are compared place by place: an alignment of long texts that share little costs their
  /// product, and the reader has long seen that they differ.
  static let alignedWords = 400

  /// For each word of `text`, whether it is new against `base`. A text that is still growing is compared
  /// with the beginning of `base` that it could have reached.
  static func changed(_ text: [Substring], from base: [Substring]) -> [Bool] {
    var result = Array(repeating: false, count: text.count)
    let prefix = zip(text, base).prefix { $0 == $1 }.count
    let own = text[prefix...].prefix(alignedWords)
    let other = base[prefix...].prefix(alignedWords)
    for change in Array(own).difference(from: Array(other)).insertions {
      if case .insert(let offset, _, _) = change { result[prefix + offset] = true }
    }
    for index in own.endIndex..<max(own.endIndex, text.endIndex) {
      result[index] = index >= base.endIndex || text[index] != base[index]
    }
    return result
  }
}
