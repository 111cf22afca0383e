/// Builds statements from tokens by recursive descent.
struct Parser {
  typealias Position = TemplateError.Position

  let library: Library
  private let tokens: [Token]
  private var index = 0
  private var depth = 0
  /// Operators of the current tag that nest to the left without the parser recursing.
  private var links = 0
  /// Loops around the current statement, within the same macro.
  var loopDepth = 0
  /// Which of the special names the macros around the current statement speak of, innermost last.
  var specialNames: [Set<Name>] = []
  var names = NameTable()
  /// Directly inside `if`: an unknown filter or test is an error only when it is reached, as in Jinja, so
  /// that a template can work around what an interpreter lacks.
  var isConditional = false
  private var unknownNames: [TemplateError] = []

  /// Brackets and blocks nested deeper than this are refused, to bound the recursion of everything that walks
  /// the parsed template.
  static let maximumDepth = 100
  /// Bounds the depth of trees like `a + b + c + …`, which lean to the left.
  static let maximumLinks = 1000

  /// Names that may stand after `|` and after `is`.
  struct Library {
    var filters: Set<String>
    var tests: Set<String>
  }

  /// Parses a template.
  ///
  /// - Parameter library: The names of the filters and tests there are; others are errors.
  static func parse(
    _ source: String, library: Library
  ) throws(TemplateError) -> (statements: [Statement], names: NameTable) {
    var parser = Parser(tokens: try Lexer.tokens(of: source), library: library)
    return (try parser.parseBody(of: nil, until: []).statements, parser.names)
  }

  private init(tokens: [Token], library: Library) {
    self.tokens = tokens
    self.library = library
  }
}

// MARK: - Tokens

extension Parser {
  var current: Token { tokens[index] }
  var next: Token { tokens[min(index + 1, tokens.count - 1)] }
  var position: Position { current.position }

  @discardableResult
  mutating func advance() -> Token {
    defer { if index < tokens.count - 1 { index += 1 } }
    return tokens[index]
  }

  func isName(_ name: String) -> Bool { current.kind == .name(name) }
  func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

  mutating func skip(name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  mutating func skip(_ symbol: Token.Symbol) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  func expected(_ what: String) -> TemplateError {
    TemplateError("expected \(what), got \(current.kind)", at: position)
  }

  mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
    guard skip(symbol) else { throw expected("'\(symbol.rawValue)'") }
  }

  mutating func expect(name: String) throws(TemplateError) {
    guard skip(name: name) else { throw expected("'\(name)'") }
  }

  mutating func expectName() throws(TemplateError) -> String {
    guard case .name(let name) = current.kind else { throw expected("a name") }
    advance()
    return name
  }

  mutating func expectBlockEnd() throws(TemplateError) {
    guard current.kind == .blockEnd else { throw expected("'%}'") }
    try finishTag()
  }

  mutating func finishTag() throws(TemplateError) {
    advance()
    links = 0
    if let unknown = unknownNames.first { throw unknown }
  }

  mutating func descend() throws(TemplateError) {
    depth += 1
    if depth > Self.maximumDepth {
      throw TemplateError("nested deeper than \(Self.maximumDepth) levels", at: position)
    }
  }

  mutating func ascend() { depth -= 1 }

  mutating func link() throws(TemplateError) {
    links += 1
    if links > Self.maximumLinks {
      throw TemplateError("more than \(Self.maximumLinks) operators in one tag", at: position)
    }
  }

  /// Remembers a name that the interpreter does not know, unless it might never be reached.
  mutating func noteUnknown(_ what: String, _ name: String, at position: Position) {
    if !isConditional { unknownNames.append(TemplateError("there is no \(what) '\(name)'", at: position)) }
  }

  /// Forgets the unknown names of an inline conditional, which might never be reached.
  mutating func forgetUnknown(since count: Int) { unknownNames.removeLast(unknownNames.count - count) }
  var unknownCount: Int { unknownNames.count }

  /// The name of a variable that is read.
  mutating func use(_ string: String) -> Name {
    let name = names.intern(string)
    if [.caller, .varargs, .kwargs].contains(name) {
      for index in specialNames.indices { specialNames[index].insert(name) }
    }
    return name
  }
}
