/// A block of a text in Markdown, ready to be laid out in rows.
///
/// Lists have no block of their own: their items stand one after another, so that a list that is still growing can be
/// given out item by item.
public struct MarkdownBlock: Hashable, Sendable {
  public var content: Content
  /// Whether an empty line stands before it in the text.
  public var isSpaced: Bool
  /// Whether it goes on with the block that was given out before it: an item's marker, a code's language and a table's
  /// header were in that one.
  public var isContinued: Bool

  /// A block; one that begins by itself unless `isContinued`.
  public init(_ content: Content, isSpaced: Bool = false, isContinued: Bool = false) {
    self.content = content
    self.isSpaced = isSpaced
    self.isContinued = isContinued
  }

  /// The kinds of blocks.
  public indirect enum Content: Hashable, Sendable {
    case paragraph([MarkdownInline])
    /// A heading of level 1…6.
    case heading(level: Int, [MarkdownInline])
    case code(MarkdownCode)
    case quote([MarkdownBlock])
    case item(MarkdownItem)
    case table(MarkdownTable)
    /// A thematic break.
    case rule
    /// Lines that are shown as they were written: raw HTML, and definitions of links.
    case verbatim(String)
  }
}

/// A block of code.
public struct MarkdownCode: Hashable, Sendable {
  /// The first word after the opening fence; empty for none.
  public var language: String
  /// Its lines, without newlines.
  public var lines: [String]
  /// Whether fences stand around it, rather than four spaces before each line.
  public var isFenced: Bool
  /// Whether its closing fence has come.
  public var isClosed: Bool
}

/// An item of a list.
public struct MarkdownItem: Hashable, Sendable {
  /// The number and the sign after it, such as `3.` or `3)`; nil for a bullet.
  public var number: String?
  /// Whether the box of a task is ticked; nil for an item without one.
  public var isDone: Bool?
  public var blocks: [MarkdownBlock]
}

/// Rows of a table. All have as many cells as there are alignments.
public struct MarkdownTable: Hashable, Sendable {
  /// Where the cells of a column stand.
  public enum Alignment: Hashable, Sendable { case left, center, right }

  public var alignments: [Alignment]
  public var header: [[MarkdownInline]]
  public var rows: [[[MarkdownInline]]]
}

/// A piece of a line that looks the same throughout; line breaks are newlines.
public struct MarkdownInline: Hashable, Sendable {
  public var text: String
  public var style: Style

  /// How it is meant. Several may hold at once.
  public struct Style: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let emphasis = Style(rawValue: 1)
    public static let strong = Style(rawValue: 2)
    /// Code, in its backticks.
    public static let code = Style(rawValue: 4)
    /// Struck through, in its tildes.
    public static let deleted = Style(rawValue: 8)
    /// The text of a link or an image.
    public static let link = Style(rawValue: 16)
    /// Where that leads, in parentheses.
    public static let address = Style(rawValue: 32)
  }

  /// A piece of text.
  public init(_ text: String, _ style: Style = []) {
    self.text = text
    self.style = style
  }
}
