/// A variable's name. Its number makes looking it up a comparison of integers.
struct Name: Sendable, Hashable {
  let string: String
  let id: Int

  static let loop = Name(string: "loop", id: 0)
  static let caller = Name(string: "caller", id: 1)
  static let varargs = Name(string: "varargs", id: 2)
  static let kwargs = Name(string: "kwargs", id: 3)
}

/// The names that a template speaks of.
struct NameTable: Sendable {
  private var ids: [String: Int] = [:]

  init() {
    for name in [Name.loop, .caller, .varargs, .kwargs] { ids[name.string] = name.id }
  }

  /// nil if the template never speaks of it.
  subscript(string: String) -> Name? { ids[string].map { Name(string: string, id: $0) } }

  mutating func intern(_ string: String) -> Name {
    if let name = self[string] { return name }
    ids[string] = ids.count
    return Name(string: string, id: ids.count - 1)
  }
}
