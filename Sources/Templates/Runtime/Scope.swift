/// The variables of a template, a loop's iteration, a macro call or a block; inner scopes see outer ones.
final class Scope {
  /// Few, so that searching them in order is faster than hashing.
  private var variables: [(id: Int, value: Object)] = []
  let parent: Scope?

  init(parent: Scope?) { self.parent = parent }

  /// The value of `name` here or in the nearest scope outside that has one.
  func value(of name: Name) -> Object? {
    var scope: Scope? = self
    while let current = scope {
      for (id, value) in current.variables where id == name.id { return value }
      scope = current.parent
    }
    return nil
  }

  /// Sets `name` in this scope.
  func set(_ name: Name, to value: Object) {
    for index in variables.indices where variables[index].id == name.id {
      variables[index].value = value
      return
    }
    variables.append((name.id, value))
  }

  func removeAll() { variables.removeAll(keepingCapacity: true) }
}
