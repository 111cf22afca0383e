/// A piece of a template: text, an output tag or a block tag, as parsed.
indirect enum Statement: Sendable {
  typealias Position = TemplateError.Position

  case text(Text)
  case output(Expression, Position)
  case conditional([(condition: Expression, body: [Statement])], otherwise: [Statement])
  case loop(Loop)
  case set(Target, Expression, Position)
  /// `{% set x | filters %}…{% endset %}`
  case setBlock(Target, filters: [FilterCall], body: [Statement], Position)
  case with([(target: Target, value: Expression)], body: [Statement], Position)
  case macro(Macro)
  /// `{% call(parameters) callee(arguments) %}…{% endcall %}`: the body is a macro that the callee knows as
  /// `caller`.
  case call(caller: Macro, callee: Expression, ArgumentList, Position)
  case filter([FilterCall], body: [Statement])
  /// `{% generation %}…{% endgeneration %}`: marks what a model said, for training; here it only groups.
  case group([Statement])
  case breakLoop
  case continueLoop

  struct Loop: Sendable {
    var target: Target
    var iterable: Expression
    /// `if` of the loop's head: items that fail it are not iterated at all.
    var filter: Expression?
    var isRecursive: Bool
    var body: [Statement]
    /// Runs when there was nothing to iterate.
    var otherwise: [Statement]
    var position: Position
  }

  struct Macro: Sendable {
    var name: Name
    var parameters: [(name: Name, fallback: Expression?)]
    var body: [Statement]
    /// Whether the body speaks of `varargs`, `kwargs` or `caller`; only then does the macro take such.
    var usesVarargs: Bool
    var usesKwargs: Bool
    var usesCaller: Bool
  }
}

/// The target of an assignment: left of `=`, or after `for`.
indirect enum Target: Sendable {
  case name(Name)
  /// `namespace.attribute`
  case attribute(Name, String, TemplateError.Position)
  case tuple([Target], TemplateError.Position)

  /// The variables it sets.
  var names: [Name] {
    switch self {
    case .name(let name): [name]
    case .attribute: []
    case .tuple(let targets, _): targets.flatMap(\.names)
    }
  }
}
