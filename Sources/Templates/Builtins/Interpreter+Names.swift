// Filters and tests by their names, which filters such as `map` and `select` take as arguments.

extension Interpreter {
  func apply(filter name: String, _ arguments: Arguments, to object: Object) throws(TemplateError) -> Object {
    guard let filter = Filters.table[name] else { throw TemplateError("there is no filter '\(name)'") }
    try step()
    return try filter(object, arguments, self)
  }

  func holds(test name: String, _ arguments: Arguments, for object: Object) throws(TemplateError) -> Bool {
    guard let test = Tests.table[name] else { throw TemplateError("there is no test '\(name)'") }
    try step()
    return try test(object, arguments, self)
  }
}
