import CCMark
import Synchronization

/// A short text as cmark-gfm reads it: CommonMark with tables, task lists and strikethrough.
///
/// The library's time for some malformed texts grows with the square of their length, so it is given pieces of bounded
/// length (``MarkdownReader``).
final class ParsedText {
  let root: Node
  private let source: [UInt8]
  /// The first byte of each line.
  private let starts: [Int]
  /// The rows before the text itself, which only set the scene for it.
  let preamble: Int

  /// cmark-gfm keeps the signs that extensions look for in one table for all threads.
  private static let lock = Mutex(())
  private static let isReady: Void = cmark_gfm_core_extensions_ensure_registered()

  init(_ source: [UInt8], preamble: Int) {
    self.source = source
    self.preamble = preamble
    var starts = [0]
    for (index, byte) in source.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
    self.starts = starts
    _ = Self.isReady
    root = Self.lock.withLock { _ in
      let parser = cmark_parser_new(CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE)
      defer { cmark_parser_free(parser) }
      for name in ["table", "strikethrough", "tasklist"] {
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name))
      }
      source.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
      }
      return Node(cmark_parser_finish(parser))
    }
  }

  deinit { cmark_node_free(root.pointer) }

  /// Lines of the source, with a last one that has no newline.
  var lineCount: Int { starts.count - (starts.last == source.count ? 1 : 0) }

  /// The byte that a line begins with. Lines count from 1.
  func start(ofLine line: Int) -> Int { line <= starts.count ? starts[max(0, line - 1)] : source.count }

  /// The text of a line, without its newline; empty outside of the source.
  func line(_ line: Int) -> ArraySlice<UInt8> {
    guard (1...starts.count).contains(line) else { return [] }
    let end = line < starts.count ? starts[line] - 1 : source.count
    return source[starts[line - 1]..<end]
  }

  /// Whether there is nothing in a line but spaces and the marks of quotes.
  func isBlank(line: Int) -> Bool {
    self.line(line).allSatisfy {
      $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "\t")
    }
  }
}

/// A node of cmark's tree, which belongs to its ``ParsedText``.
struct Node: Equatable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  init?(_ pointer: OpaquePointer?) {
    guard let pointer else { return nil }
    self.pointer = pointer
  }

  enum Kind: Equatable {
    case paragraph, heading, code, quote, list, item, table, rule, html, other
  }

  var kind: Kind {
    switch cmark_node_get_type(pointer) {
    case CMARK_NODE_PARAGRAPH: .paragraph
    case CMARK_NODE_HEADING: .heading
    case CMARK_NODE_CODE_BLOCK: .code
    case CMARK_NODE_BLOCK_QUOTE: .quote
    case CMARK_NODE_LIST: .list
    case CMARK_NODE_ITEM: .item
    case CMARK_NODE_THEMATIC_BREAK: .rule
    case CMARK_NODE_HTML_BLOCK: .html
    default: typeName == "table" ? .table : .other
    }
  }

  /// The name of its type, which is all there is to know an extension's nodes by.
  var typeName: String { String(cString: cmark_node_get_type_string(pointer)) }

  /// Its first line, from 1; 0 where cmark does not know it, which is the rest of a paragraph before a table.
  var startLine: Int { Int(cmark_node_get_start_line(pointer)) }
  /// `startLine`, or that of the table: the two lie on the same lines, and are never parted.
  var firstLine: Int { startLine > 0 ? startLine : next?.startLine ?? 0 }
  var endLine: Int { Int(cmark_node_get_end_line(pointer)) }
  var startColumn: Int { Int(cmark_node_get_start_column(pointer)) }
  var literal: String { cmark_node_get_literal(pointer).map { String(cString: $0) } ?? "" }
  var firstChild: Node? { Node(cmark_node_first_child(pointer)) }
  var lastChild: Node? { Node(cmark_node_last_child(pointer)) }
  var next: Node? { Node(cmark_node_next(pointer)) }
  var previous: Node? { Node(cmark_node_previous(pointer)) }

  var children: [Node] { firstChild.map { Array(sequence(first: $0, next: \.next)) } ?? [] }

  /// The blocks with text in it.
  var leaves: [Node] {
    var leaves: [Node] = []
    let iterator = cmark_iter_new(pointer)
    defer { cmark_iter_free(iterator) }
    while case let event = cmark_iter_next(iterator), event != CMARK_EVENT_DONE {
      let node = Node(cmark_iter_get_node(iterator)!)
      guard event == CMARK_EVENT_ENTER, ![.quote, .list, .item, .other].contains(node.kind) else { continue }
      leaves.append(node)
    }
    return leaves
  }

  /// The last block inside of this one that holds text, or nothing; nil if there is none.
  var deepestLast: Node? {
    var last: Node?
    var next = lastChild
    while let node = next {
      last = node
      next = [.quote, .list, .item].contains(node.kind) ? node.lastChild : nil
    }
    return last.flatMap { [.quote, .list, .item].contains($0.kind) ? nil : $0 }
  }

  /// The fence of a block of code; nil where there is none.
  var fence: (length: Int, offset: Int, sign: UInt8)? {
    var (length, offset, sign): (Int32, Int32, CChar) = (0, 0, 0)
    guard cmark_node_get_fenced(pointer, &length, &offset, &sign) != 0 else { return nil }
    return (Int(length), Int(offset), UInt8(bitPattern: sign))
  }

  var info: String { cmark_node_get_fence_info(pointer).map { String(cString: $0) } ?? "" }
}
