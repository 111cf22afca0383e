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
  /// By text, not by `String`: names are the same where their bytes are.
  private var ids: [Text: Int] = [:]

  init() {
    for name in [Name.loop, .caller, .varargs, .kwargs] { ids[Text(name.string)] = name.id }
  }

  /// nil if the template never speaks of it.
  subscript(text: Text) -> Name? { ids[text].map { Name(string: text.string, id: $0) } }

  mutating func intern(_ string: String) -> Name {
    if let name = self[Text(string)] { return name }
    ids[Text(string)] = ids.count
    return Name(string: string, id: ids.count - 1)
  }
}
