extension MarkdownReader {
  /// The content of the last fenced block of code in a text, without its fences; one that is still open counts.
  ///
  /// - Returns: nil if there is none.
  public static func lastCode(in text: some StringProtocol) -> String? {
    var reader = MarkdownReader()
    var last: [String]?
    func look(_ blocks: [MarkdownBlock]) {
      for block in blocks {
        switch block.content {
        case .code(let code) where code.isFenced: last = (block.isContinued ? last ?? [] : []) + code.lines
        case .quote(let inside): look(inside)
        case .item(let item): look(item.blocks)
        default: break
        }
      }
    }
    look(reader.append(text))
    look(reader.open)
    return last?.joined(separator: "\n")
  }
}
