/// The variables of a template, a loop's iteration, a macro call or a block; inner scopes see outer ones.
final class Scope {
  var variables: [String: Object] = [:]
  let parent: Scope?

  init(parent: Scope?) { self.parent = parent }

  func value(of name: String) -> Object? {
    var scope: Scope? = self
    while let current = scope {
      if let value = current.variables[name] { return value }
      scope = current.parent
    }
    return nil
  }
}
