/// The variables of a template, a loop's iteration, a macro call or a block; inner scopes see outer ones.
final class Scope {
  private var variables: [(id: Int, value: Object)] = []
  /// The places of the variables where there are many; few are found faster by searching them in order.
  private var places: [Int: Int] = [:]
  private static let few = 16
  let parent: Scope?

  init(parent: Scope?) { self.parent = parent }

  /// The value of `name` here or in the nearest scope outside that has one.
  func value(of name: Name) -> Object? {
    var scope: Scope? = self
    while let current = scope {
      if let place = current.place(of: name.id) { return current.variables[place].value }
      scope = current.parent
    }
    return nil
  }

  /// Sets `name` in this scope.
  func set(_ name: Name, to value: Object) {
    if let place = place(of: name.id) { return variables[place].value = value }
    variables.append((name.id, value))
    if variables.count == Self.few + 1 {
      for (place, variable) in variables.enumerated() { places[variable.id] = place }
    } else if variables.count > Self.few {
      places[name.id] = variables.count - 1
    }
  }

  func removeAll() {
    variables.removeAll(keepingCapacity: true)
    places.removeAll()
  }

  private func place(of id: Int) -> Int? {
    variables.count > Self.few ? places[id] : variables.firstIndex { $0.id == id }
  }
}
