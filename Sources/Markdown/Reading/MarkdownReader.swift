/// Reads a text in Markdown as it streams in, and gives out blocks as soon as nothing that may follow changes them.
///
/// It keeps what may still change: the last block, of a list the last item, of code the last line. So more text costs
/// the same however much came before. A block that grows beyond ``longestBlock`` bytes is given out in pieces.
///
/// However a text is cut into pieces, the blocks are the same. They are those of CommonMark, but for links whose
/// definition stands further down: ``lateDefinitions`` tells that reading the text anew would find more of them.
public struct MarkdownReader: Hashable, Sendable {
  /// Blocks of what is kept; each `append` makes them anew.
  public private(set) var open: [MarkdownBlock] = []
  /// Definitions of links by their labels, as they are written: those of the text before what is kept, and those that
  /// were known before the text.
  private var definitions: [String: String]
  private var openDefinitions: [String: String] = [:]
  /// Labels in the text before what is kept that had no definition.
  private var undefined: Set<String> = []

  /// What is kept, always from the beginning of a line on.
  private var tail: [UInt8] = []
  /// The beginning of its last line.
  private var lineStart = 0
  private var resumption = Resumption()
  private var followsBlank = false
  /// The number of the item that what is kept begins with.
  private var firstNumber: Int?

  /// Bytes of a block that are read together.
  static let longestBlock = 8192
  /// Bytes of a line that are read together: a newline is put into a longer one.
  static let longestLine = 4096
  /// Lines of code that are given out together.
  private static let codeLines = 8

  /// - Parameter definitions: Those of links that are known before the text, as ``lateDefinitions`` has them.
  public init(definitions: [String: String] = [:]) { self.definitions = definitions }

  /// Takes in more text, which is sanitized already.
  ///
  /// - Returns: The blocks that do not change any more, in the order of the text; `open` are those after them.
  public mutating func append(_ text: some StringProtocol) -> [MarkdownBlock] {
    var closed: [MarkdownBlock] = []
    var bytes = Array(text.utf8)[...]
    var held: [UInt8] = []
    repeat {
      tail += held
      held = []
      let isFull = takeLines(&bytes, &held)
      let count = tail.count
      closed += settle()
      if isFull, tail.count > Self.longestBlock {
        closed += tail.count < count ? settle() : []
        if tail.count > Self.longestBlock { closed += cut() }
      }
    } while !bytes.isEmpty || !held.isEmpty
    return closed
  }

  /// All definitions of the text, if links that stand before theirs are not links yet.
  public var lateDefinitions: [String: String]? {
    let all = definitions.merging(openDefinitions) { first, _ in first }
    return undefined.contains { all[$0] != nil } ? all : nil
  }

  // MARK: Lines

  /// Moves lines to what is kept, until that is as much as is read together.
  ///
  /// - Parameter held: Takes the beginning of a line that is for later.
  /// - Returns: Whether it is more than that, and ends with a line.
  private mutating func takeLines(_ bytes: inout ArraySlice<UInt8>, _ held: inout [UInt8]) -> Bool {
    while !bytes.isEmpty {
      let end = bytes.prefix(Self.longestLine).firstIndex(of: UInt8(ascii: "\n"))
      let piece = end.map { bytes[...$0] } ?? bytes.prefix(Self.longestLine)
      tail += piece
      bytes = bytes[piece.endIndex...]
      let isWhole = end != nil
      breakLongLine(isWhole)
      if isWhole { lineStart = tail.count }
      guard lineStart > Self.longestBlock else { continue }
      held = Array(tail[lineStart...])
      tail.removeSubrange(lineStart...)
      return true
    }
    return false
  }

  /// Breaks the last line where it is too long, after a space if there is one near.
  private mutating func breakLongLine(_ isWhole: Bool) {
    while tail.count - lineStart - (isWhole ? 1 : 0) > Self.longestLine {
      let end = lineStart + Self.longestLine
      var cut = end
      if let space = tail[(end - Self.longestLine / 8)..<end].lastIndex(of: UInt8(ascii: " ")) {
        cut = space + 1
      } else {
        while tail[cut] & 0xC0 == 0x80 { cut -= 1 }
      }
      tail.insert(UInt8(ascii: "\n"), at: cut)
      lineStart = cut + 1
    }
  }

  // MARK: Blocks

  /// Reads what is kept, and gives out all but the last block.
  private mutating func settle() -> [MarkdownBlock] {
    let text = parsed(tail[...])
    var builder = builder(text)
    let nodes = text.root.children
    let complete = text.preamble + tail.count { $0 == UInt8(ascii: "\n") }
    let end = text.lineCount + 1
    // A block that begins in a line that is not complete may turn out to be none.
    let last = nodes.lastIndex { $0.firstLine <= complete && $0.firstLine > text.preamble }
    guard let last else { return keepOpen(&builder, builder.blocks(nodes, from: text.preamble + 1, to: end)) }

    var line = nodes[last].firstLine
    let first = nodes[last].startLine == 0 || nodes[last].previous?.startLine != 0 ? last : last - 1
    var closed = builder.blocks(nodes[..<first], from: text.preamble + 1, to: line)
    var number: Int?
    var items: ArraySlice<Node> = []
    if nodes[last].kind == .list {
      items = nodes[last].children[...]
      if let item = items.lastIndex(where: { $0.startLine <= complete }), item > 0 {
        closed += builder.items(items[..<item], of: nodes[last])
        let after = builder.lastLine(of: items[item - 1]) + 1
        line = items[item].startLine
        closed += builder.verbatim(after..<max(after, line))
        number = builder.firstNumber(of: nodes[last]).map { $0 + item }
        items = items[item...]
      } else {
        items = []
      }
    }
    if line == text.preamble + 1, resumption.opening.isEmpty {
      return keepOpen(&builder, closed + builder.blocks(nodes[first...], from: line, to: end))
    }
    close(&builder)
    var open: [MarkdownBlock] = []
    if items.isEmpty {
      open = builder.blocks(nodes[first...], from: line, to: end)
    } else {
      open = builder.items(items, of: nodes[last])
      open += builder.blocks(nodes[(last + 1)...], from: builder.lastLine(of: nodes[last]) + 1, to: end)
    }
    let count = text.start(ofLine: line) - text.start(ofLine: text.preamble + 1)
    if builder.hasDefinitions, tail[..<count].contains(UInt8(ascii: "[")) {
      // A definition that may still change has no part in blocks that do not.
      let before = parsed(tail[..<count])
      var builder = self.builder(before)
      closed = builder.blocks(before.root.children, from: before.preamble + 1, to: before.lineCount + 1)
    }
    followsBlank = line > text.preamble + 1 ? text.isBlank(line: line - 1) : followsBlank
    forget(count)
    resumption = Resumption()
    firstNumber = number
    return closed + keepOpen(&builder, open)
  }

  /// Gives out all of what is kept, which ends with a line and is too much.
  private mutating func cut() -> [MarkdownBlock] {
    let text = parsed(tail[...])
    var builder = builder(text)
    let blocks = builder.blocks(text.root.children, from: text.preamble + 1, to: text.lineCount + 1)
    close(&builder)
    resumption = Resumption(after: text, builder)
    followsBlank = text.isBlank(line: text.lineCount)
    firstNumber = nil
    forget(tail.count)
    open = []
    openDefinitions = [:]
    return blocks
  }

  /// Takes blocks for those that may still change.
  private mutating func keepOpen(_ builder: inout BlockBuilder, _ blocks: [MarkdownBlock]) -> [MarkdownBlock]
  {
    open = blocks
    openDefinitions = builder.takeDefinitions()
    return closeCode(builder.text)
  }

  /// Gives out lines of code that is still open: it is the longest of what answers hold, and its lines are on their own.
  private mutating func closeCode(_ text: ParsedText) -> [MarkdownBlock] {
    guard open.count == 1, case .code(let code) = open[0].content, code.isFenced, !code.isClosed,
      let node = text.root.lastChild, node.kind == .code
    else { return [] }
    let complete = code.lines.count - (lineStart < tail.count ? 1 : 0)
    guard complete >= Self.codeLines else { return [] }
    var (closed, rest) = (code, code)
    closed.lines.removeSubrange(complete...)
    rest.lines.removeSubrange(..<complete)
    let block = MarkdownBlock(.code(closed), isSpaced: open[0].isSpaced, isContinued: open[0].isContinued)
    open = [MarkdownBlock(.code(rest), isContinued: true)]
    resumption = Resumption(in: node)
    followsBlank = false
    firstNumber = nil
    forget(lineStart)
    return [block]
  }

  /// - Parameter bytes: What is kept, or the beginning of it.
  private func parsed(_ bytes: ArraySlice<UInt8>) -> ParsedText {
    let preamble = Array((neededDefinitions + resumption.opening).utf8)
    return ParsedText(preamble + bytes, preamble: preamble.count { $0 == UInt8(ascii: "\n") })
  }

  private func builder(_ text: ParsedText) -> BlockBuilder {
    var builder = BlockBuilder(text)
    builder.followsBlank = followsBlank
    builder.firstNumber = firstNumber
    return builder
  }

  /// Leaves out the beginning of what is kept.
  private mutating func forget(_ count: Int) {
    if undefined.count < Self.mostLabels {
      undefined.formUnion(LinkLabel.used(in: tail[..<count]).filter { definitions[$0] == nil })
    }
    tail.removeSubrange(..<count)
    lineStart -= count
  }

  // MARK: Definitions

  /// Labels that are remembered, and bytes of definitions that stand before what is read: enough for any honest text.
  private static let mostLabels = 10_000
  private static let longestDefinitions = 16_384

  private mutating func close(_ builder: inout BlockBuilder) {
    definitions.merge(builder.takeDefinitions()) { first, _ in first }
  }

  /// The definitions of labels that what is kept has.
  private var neededDefinitions: String {
    guard !definitions.isEmpty else { return "" }
    var text = ""
    for label in LinkLabel.used(in: tail).sorted() {
      guard let source = definitions[label], text.utf8.count + source.utf8.count < Self.longestDefinitions
      else {
        continue
      }
      text += source + "\n\n"
    }
    return text
  }
}
