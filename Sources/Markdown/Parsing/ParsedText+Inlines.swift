import CCMark
import IO

extension Node {
  /// The text of a paragraph, heading or cell, in pieces that look the same.
  ///
  /// All of it is sanitized, since entities such as `&#27;` stand for any character. Addresses of links are kept: a
  /// terminal has no other way of showing where they lead.
  var inlines: [MarkdownInline] {
    var walk = InlineWalk()
    let iterator = cmark_iter_new(pointer)
    defer { cmark_iter_free(iterator) }
    while case let event = cmark_iter_next(iterator), event != CMARK_EVENT_DONE {
      let node = Node(cmark_iter_get_node(iterator)!)
      if node != self { walk.visit(node, isEntry: event == CMARK_EVENT_ENTER) }
    }
    return walk.pieces
  }

  /// The pieces so far of a walk through a tree of inline nodes, which may be as deep as the text is long.
  private struct InlineWalk {
    var pieces: [MarkdownInline] = []
    /// How many nodes of each style the walk is in.
    var depths: [MarkdownInline.Style: Int] = [:]
    /// The bytes of text before each link that the walk is in.
    var links: [(piece: Int, bytes: Int)] = []

    mutating func visit(_ node: Node, isEntry: Bool) {
      switch cmark_node_get_type(node.pointer) {
      case CMARK_NODE_TEXT: add(node.literal)
      case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: add("\n")
      case CMARK_NODE_CODE: add(Self.quoted(node.literal), .code)
      case CMARK_NODE_HTML_INLINE: add(Self.isLineBreak(node.literal) ? "\n" : node.literal)
      case CMARK_NODE_EMPH: turn(.emphasis, isEntry)
      case CMARK_NODE_STRONG: turn(.strong, isEntry)
      case CMARK_NODE_LINK, CMARK_NODE_IMAGE: link(node, isEntry)
      default:
        guard node.typeName == "strikethrough" else { return }
        if isEntry { turn(.deleted, true) }
        add("~~")
        if !isEntry { turn(.deleted, false) }
      }
    }

    private mutating func link(_ node: Node, _ isEntry: Bool) {
      if isEntry {
        links.append((pieces.count, pieces.last?.text.utf8.count ?? 0))
        return turn(.link, true)
      }
      turn(.link, false)
      guard let start = links.popLast() else { return }
      let address = cmark_node_get_url(node.pointer).map { String(cString: $0) } ?? ""
      let title = cmark_node_get_title(node.pointer).map { String(cString: $0) } ?? ""
      let text = text(since: start)
      // An address in angle brackets is its own text.
      guard !address.isEmpty || !title.isEmpty, address != text, address != "mailto:" + text else { return }
      let note = [address, title.isEmpty ? "" : "“\(title)”"].filter { !$0.isEmpty }.joined(separator: " ")
      add((text.isEmpty ? "" : " ") + "(\(note))", .address)
    }

    private func text(since start: (piece: Int, bytes: Int)) -> String {
      let first = start.piece > 0 ? pieces[start.piece - 1].text.utf8.dropFirst(start.bytes) : "".utf8[...]
      return (String(first) ?? "") + pieces[start.piece...].map(\.text).joined()
    }

    private mutating func turn(_ style: MarkdownInline.Style, _ isEntry: Bool) {
      depths[style, default: 0] += isEntry ? 1 : -1
    }

    private mutating func add(_ text: String, _ more: MarkdownInline.Style = []) {
      let text = text.sanitized
      guard !text.isEmpty else { return }
      var style = more
      for (one, depth) in depths where depth > 0 { style.insert(one) }
      if let last = pieces.indices.last, pieces[last].style == style {
        pieces[last].text += text
      } else {
        pieces.append(MarkdownInline(text, style))
      }
    }

    /// Code in as many backticks as it needs.
    private static func quoted(_ code: String) -> String {
      guard code.utf8.contains(UInt8(ascii: "`")) else { return "`\(code)`" }
      var longest = 0, run = 0
      for byte in code.utf8 {
        run = byte == UInt8(ascii: "`") ? run + 1 : 0
        longest = max(longest, run)
      }
      let fence = String(repeating: "`", count: longest + 1)
      return fence + " \(code) " + fence
    }

    private static func isLineBreak(_ html: String) -> Bool {
      ["<br>", "<br/>", "<br />"].contains(html.lowercased())
    }
  }
}
