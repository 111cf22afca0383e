/// The variable `loop` inside `{% for %}`.
final class LoopObject {
  let items: [Object]
  /// Nesting of recursive calls, from 0.
  let depth: Int
  /// Renders the loop again over other items; for loops marked `recursive`.
  let recurse: CallableObject?
  var index = 0
  private var lastChanged: [Object]?

  init(items: [Object], depth: Int, recurse: CallableObject?) {
    self.items = items
    self.depth = depth
    self.recurse = recurse
  }

  func attribute(_ name: String) -> Object? {
    switch name {
    case "index": .int(index + 1)
    case "index0": .int(index)
    case "revindex": .int(items.count - index)
    case "revindex0": .int(items.count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index == items.count - 1)
    case "length": .int(items.count)
    case "depth": .int(depth + 1)
    case "depth0": .int(depth)
    case "previtem": index > 0 ? items[index - 1] : .undefined(.other("there is no previous item"))
    case "nextitem":
      index + 1 < items.count ? items[index + 1] : .undefined(.other("there is no next item"))
    case "cycle": .callable(CallableObject("<method loop.cycle>", cycle))
    case "changed": .callable(CallableObject("<method loop.changed>", changed))
    default: nil
    }
  }

  private func cycle(_ arguments: Arguments, _: Interpreter) throws(TemplateError) -> Object {
    guard !arguments.positional.isEmpty else {
      throw TemplateError("loop.cycle needs items to cycle through")
    }
    return arguments.positional[index % arguments.positional.count]
  }

  private func changed(_ arguments: Arguments, _ interpreter: Interpreter) throws(TemplateError) -> Object {
    defer { lastChanged = arguments.positional }
    guard let last = lastChanged, last.count == arguments.positional.count else { return .bool(true) }
    for (old, new) in zip(last, arguments.positional) where try !interpreter.areEqual(old, new) {
      return .bool(true)
    }
    return .bool(false)
  }
}
