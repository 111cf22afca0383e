#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Arithmetic with Python's rules: booleans are integers, `/` gives a float, `//` and `%` round down.

extension Interpreter {
  func apply(_ operation: UnaryOperator, _ operand: Object) throws(TemplateError) -> Object {
    if case .undefined(let undefined) = operand { throw undefined.error }
    if let value = operand.index {
      return .int(operation == .negate ? try exact(Int(0).subtractingReportingOverflow(value)) : value)
    }
    guard let value = operand.number else {
      throw TemplateError("'\(operation.rawValue)' cannot be applied to \(operand.typeName)")
    }
    return .float(operation == .negate ? -value : value)
  }

  func apply(_ operation: BinaryOperator, _ left: Object, _ right: Object) throws(TemplateError) -> Object {
    if operation == .modulo, case .string(let format) = left {
      return try makeText(try PercentFormat.format(format, right, self))
    }
    for case .undefined(let undefined) in [left, right] { throw undefined.error }
    if let left = left.index, let right = right.index { return try integer(operation, left, right) }
    if let left = left.number, let right = right.number { return try float(operation, left, right) }
    switch (operation, left, right) {
    case (.add, .string(let left), .string(let right)):
      if left.isHTML || right.isHTML { try convert(bytes: left.count + right.count) }
      return try makeText(Self.add(left, right))
    case (.add, .sequence(let left), .sequence(let right)) where left.kind == right.kind:
      return try makeSequence(left.elements + right.elements, left.kind)
    case (.multiply, .string(let text), _) where right.index != nil:
      return try multiply(text, right.index ?? 0)
    case (.multiply, _, .string(let text)) where left.index != nil: return try multiply(text, left.index ?? 0)
    case (.multiply, .sequence(let sequence), _) where right.index != nil:
      return try multiply(sequence, right.index ?? 0)
    case (.multiply, _, .sequence(let sequence)) where left.index != nil:
      return try multiply(sequence, left.index ?? 0)
    default:
      throw TemplateError(
        "'\(operation.rawValue)' cannot be applied to \(left.typeName) and \(right.typeName)")
    }
  }

  private static func add(_ left: Text, _ right: Text) -> Text {
    guard left.isHTML || right.isHTML else { return left + right }
    return (left.escapedForHTML + right.escapedForHTML).asHTML
  }

  private func multiply(_ text: Text, _ times: Int) throws(TemplateError) -> Object {
    try reserve(bytes: text.count, times: times)
    return .string(text.isEmpty ? text : text.repeated(times))
  }

  private func multiply(_ sequence: SequenceObject, _ times: Int) throws(TemplateError) -> Object {
    guard sequence.kind == .list || sequence.kind == .tuple else {
      throw TemplateError("this sequence cannot be multiplied")
    }
    try reserve(bytes: sequence.elements.count * MemoryLayout<Object>.stride, times: times)
    guard !sequence.elements.isEmpty, times > 0 else { return try makeSequence([], sequence.kind) }
    return try makeSequence((0..<times).flatMap { _ in sequence.elements }, sequence.kind)
  }

  private func exact(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int {
    if result.overflow { throw TemplateError("an integer does not fit 64 bits") }
    return result.partialValue
  }

  private func integer(_ operation: BinaryOperator, _ left: Int, _ right: Int) throws(TemplateError) -> Object
  {
    switch operation {
    case .add: return .int(try exact(left.addingReportingOverflow(right)))
    case .subtract: return .int(try exact(left.subtractingReportingOverflow(right)))
    case .multiply: return .int(try exact(left.multipliedReportingOverflow(by: right)))
    case .divide: return try float(.divide, Double(left), Double(right))
    case .floorDivide:
      if right == 0 { throw TemplateError("division by zero") }
      let quotient = try exact(left.dividedReportingOverflow(by: right))
      return .int(left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient)
    case .modulo:
      if right == 0 { throw TemplateError("division by zero") }
      let remainder = left.remainderReportingOverflow(dividingBy: right).partialValue
      return .int(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
    case .power:
      if right < 0 { return try float(.power, Double(left), Double(right)) }
      return .int(try power(left, right))
    }
  }

  private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Int {
    var result = 1
    var (base, exponent) = (base, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { result = try exact(result.multipliedReportingOverflow(by: base)) }
      exponent >>= 1
      if exponent > 0 { base = try exact(base.multipliedReportingOverflow(by: base)) }
    }
    return result
  }

  private func float(_ operation: BinaryOperator, _ left: Double, _ right: Double) throws(TemplateError)
    -> Object
  {
    switch operation {
    case .add: return .float(left + right)
    case .subtract: return .float(left - right)
    case .multiply: return .float(left * right)
    case .power:
      if left == 0, right < 0 { throw TemplateError("division by zero") }
      let power = pow(left, right)
      if power.isInfinite, left.isFinite, right.isFinite {
        throw TemplateError("a power too large for a float")
      }
      return .float(power)
    case .divide, .floorDivide, .modulo:
      if right == 0 { throw TemplateError("division by zero") }
      if operation == .divide { return .float(left / right) }
      let remainder = fmod(left, right)
      let hasWrongSign = remainder != 0 && (remainder < 0) != (right < 0)
      let positive = hasWrongSign ? remainder + right : remainder == 0 ? copysign(0, right) : remainder
      if operation == .modulo { return .float(positive) }
      let quotient = (left - positive) / right
      let whole = quotient.rounded(.down)
      return .float(quotient == 0 ? copysign(0, left / right) : quotient - whole > 0.5 ? whole + 1 : whole)
    }
  }
}
