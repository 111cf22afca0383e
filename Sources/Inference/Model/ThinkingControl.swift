import Templates

/// How a template switches thinking: the variables for each choice.
struct ThinkingControl: Sendable, Hashable {
  /// A value of a variable.
  enum Literal: Sendable, Hashable {
    case bool(Bool)
    case int(Int)
    case text(String)

    var value: Value {
      switch self {
      case .bool(let bool): .bool(bool)
      case .int(let int): .int(int)
      case .text(let text): .markup(text)
      }
    }
  }

  /// For each choice that the template knows; a choice without variables is what it does by itself.
  var settings: [Think: [String: Literal]] = [:]

  var choices: [Think] { Think.allCases.filter { settings[$0] != nil } }

  /// The variables for a choice: those of the nearest one that the template knows.
  func variables(for choice: Think) -> [Text: Value] {
    let chosen = settings[choice] ?? (choice == .off ? nil : settings[.on])
    return Dictionary(uniqueKeysWithValues: (chosen ?? [:]).map { (Text($0.key), $0.value.value) })
  }
}

/// The name under which a template takes a thought back in a message.
enum ThoughtKey: Sendable, Hashable {
  case member(String)
  /// The content is a list of chunks, each of a type.
  case chunks
}
