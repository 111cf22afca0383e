/// A token of a template's source, as the lexer finds it.
struct Token: Sendable {
  enum Kind: Sendable, Hashable {
    /// Text between tags, white space control applied.
    case data(Text)
    case blockStart, blockEnd
    case variableStart, variableEnd
    case name(String)
    case string(Text)
    case int(Int)
    case float(Double)
    case symbol(Symbol)
    case end
  }

  enum Symbol: String, Sendable, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case add = "+"
    case subtract = "-"
    case divide = "/"
    case multiply = "*"
    case modulo = "%"
    case concatenate = "~"
    case openBracket = "["
    case closeBracket = "]"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBrace = "{"
    case closeBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"
  }

  var kind: Kind
  var position: TemplateError.Position
}

extension Token.Kind: CustomStringConvertible {
  /// The token's name in error messages.
  var description: String {
    switch self {
    case .data: "text"
    case .blockStart: "'{%'"
    case .blockEnd: "'%}'"
    case .variableStart: "'{{'"
    case .variableEnd: "'}}'"
    case .name(let name): "'\(name)'"
    case .string: "a string"
    case .int(let value): "'\(value)'"
    case .float(let value): "'\(value)'"
    case .symbol(let symbol): "'\(symbol.rawValue)'"
    case .end: "the end of the template"
    }
  }
}
