/// What the highlighting of code knows of a language: its words, and the signs around comments and strings.
struct CodeSyntax: Sendable {
  /// The names that stand after an opening fence, in lower case.
  var names: [String]
  var keywords: Set<String> = []
  /// Words for values, which look like numbers.
  var constants: Set<String> = []
  var lineComments: [String] = []
  var blockComment: BlockComment?
  /// The first that matches counts, so longer signs stand before shorter ones.
  var strings: [StringSyntax] = []
  /// Signs that begin a keyword with the word after them: `@override`, `#include`.
  var prefixes = ""
  /// Signs that words may hold beside letters, digits and underscores.
  var wordSigns = ""
  var ignoresCase = false
  /// Whether words are only looked at inside of tags.
  var isMarkup = false
  /// Whether a word before a colon is a key.
  var hasKeys = false

  struct BlockComment: Sendable {
    var open: String
    var close: String
    /// Whether comments stand inside of comments.
    var nests = false
  }

  struct StringSyntax: Sendable {
    var open: String
    var close: String
    /// Whether a backslash takes the next character's meaning away.
    var hasEscapes = true
    var isMultiline = false
    /// Whether it holds one character: without a close nearby the sign means something else.
    var isCharacter = false

    init(
      _ open: String, _ close: String? = nil, hasEscapes: Bool = true, isMultiline: Bool = false,
      isCharacter: Bool = false
    ) {
      self.open = open
      self.close = close ?? open
      self.hasEscapes = hasEscapes
      self.isMultiline = isMultiline
      self.isCharacter = isCharacter
    }
  }

  /// The syntax of a language by one of its names; nil for one that is not known.
  static func named(_ name: String) -> CodeSyntax? { byName[name.lowercased()] }

  private static let byName = Dictionary(
    all.flatMap { syntax in syntax.names.map { ($0, syntax) } }, uniquingKeysWith: { first, _ in first })
}
