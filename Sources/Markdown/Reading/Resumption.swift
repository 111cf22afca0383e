import CCMark

/// What stands before the rest of a text that was cut inside of a block, so that the rest means what it meant.
///
/// A cut in the code of an item is resumed by an item with an opening fence, for example; what was given out already is
/// known by being in lines of the resumption.
struct Resumption: Hashable {
  /// Whole lines of Markdown; empty where the rest stands for itself.
  private(set) var opening = ""

  init() {}

  /// - Parameters:
  ///   - text: The text before the cut.
  ///   - builder: The one that made blocks of it.
  init(after text: ParsedText, _ builder: BlockBuilder) {
    var first = "", further = ""  // what the first line of the opening begins with, and others
    var column = 1
    var node = text.root.lastChild
    while let container = node, container.kind == .quote || container.kind == .list {
      var child = container.lastChild
      if container.kind == .quote {
        first += "> "
        further += "> "
        column = container.firstChild?.startColumn ?? column + 2
      } else if let item = child {
        let marker = Self.marker(item, of: container, builder)
        let isWide = item.typeName != "tasklist" && item.firstChild?.startLine == item.startLine
        let width = isWide ? (item.firstChild?.startColumn ?? 0) - column : 0
        // Four spaces after the marker at most, three before it: more would be code.
        let spaces = min(4, max(1, width - marker.utf8.count))
        let indent = min(3, max(0, width - marker.utf8.count - spaces))
        first += String(repeating: " ", count: indent) + marker + String(repeating: " ", count: spaces)
        further += String(repeating: " ", count: indent + marker.utf8.count + spaces)
        column += indent + marker.utf8.count + spaces
        child = item.lastChild
      }
      node = child
    }
    opening = Self.leaf(node, first, further, builder)
  }

  /// Inside of fenced code that is in no other block.
  init(in code: Node) { opening = Self.fence(code) ?? "" }

  private static func leaf(_ node: Node?, _ first: String, _ further: String, _ builder: BlockBuilder)
    -> String
  {
    if let node, node.kind == .code, !builder.isClosed(node), let fence = fence(node) { return first + fence }
    if let node, node.kind == .table {
      let count = Int(cmark_gfm_extensions_get_table_columns(node.pointer))
      let signs = cmark_gfm_extensions_get_table_alignments(node.pointer)
      let rule = (0..<count).map { column in
        switch signs?[column] {
        case UInt8(ascii: "l"): ":-"
        case UInt8(ascii: "c"): ":-:"
        case UInt8(ascii: "r"): "-:"
        default: "-"
        }
      }
      let header = String(repeating: "x|", count: count)
      return first + "|\(header)\n" + further + "|\(rule.joined(separator: "|"))|\n"
    }
    // An empty heading, since a paragraph would go on with the rest.
    return first.isEmpty ? "" : first + "#\n"
  }

  private static func fence(_ code: Node) -> String? {
    guard let fence = code.fence else { return nil }
    let signs = String(repeating: Character(Unicode.Scalar(fence.sign)), count: fence.length)
    let language = code.info.prefix { !$0.isWhitespace }
    return String(repeating: " ", count: fence.offset) + signs + language + "\n"
  }

  private static func marker(_ item: Node, of list: Node, _ builder: BlockBuilder) -> String {
    guard let first = builder.firstNumber(of: list) else { return "-" }
    let sign = cmark_node_get_list_delim(list.pointer) == CMARK_PAREN_DELIM ? ")" : "."
    return "\(min(999_999_999, first + list.children.count - 1))\(sign)"
  }
}
