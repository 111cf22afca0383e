/// A key of a dictionary. As in Python, `1`, `1.0` and `true` are the same key.
enum Key {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(Text)

  /// nil for objects that cannot be keys.
  init?(_ object: Object) {
    switch object {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .float(let value): self = .float(value)
    case .string(let text): self = .string(text)
    default: return nil
    }
  }

  var object: Object {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .float(let value): .float(value)
    case .string(let text): .string(text)
    }
  }

  /// Bytes that hashing and comparing the key reads.
  var byteCount: Int { if case .string(let text) = self { text.count } else { 0 } }

  /// The integer that this key equals, if it does.
  private var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): value
    case .float(let value): Int(exactly: value)
    case .null, .string: nil
    }
  }
}

extension Key: Hashable {
  static func == (left: Key, right: Key) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)): left == right
    case (.null, .null): true
    case (.float(let left), .float(let right)): left == right
    default:
      if let left = left.integer, let right = right.integer { left == right } else { false }
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .string(let text): hasher.combine(text)
    case .float(let value) where integer == nil: hasher.combine(value)
    case .bool, .int, .float: hasher.combine(integer)
    }
  }
}
