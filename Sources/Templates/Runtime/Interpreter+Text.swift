extension Interpreter {
  /// Python's `str(object)`, which is also what output tags print.
  func string(_ object: Object) throws(TemplateError) -> Text {
    switch object {
    case .undefined: Text()
    case .string(let text): text
    default: try represent(object)
    }
  }

  /// Python's `repr(object)`. If anything in it is content, all of it is: what was one value stays together.
  func represent(_ object: Object) throws(TemplateError) -> Text {
    var text = Text()
    try represent(object, into: &text)
    return text.hasContent ? text.marked(isContent: true) : text
  }

  private func represent(_ object: Object, into text: inout Text) throws(TemplateError) {
    try step()
    try descend()
    defer { ascend() }
    let start = text.count
    switch object {
    case .undefined: text.append("Undefined")
    case .null: text.append("None")
    case .bool(let value): text.append(value ? "True" : "False")
    case .int(let value): text.append(Text(String(value)))
    case .float(let value): text.append(Text(Numbers.represent(value)))
    case .string(let value):
      try convert(bytes: value.count)
      text.append(Self.quote(value))
    case .sequence(let sequence): try represent(sequence, into: &text)
    case .mapping(let mapping): try represent(mapping, into: &text)
    case .namespace(let mapping):
      text.append("<Namespace ")
      try represent(mapping, into: &text)
      text.append(">")
    case .range(let range):
      let step = range.step == 1 ? "" : ", \(range.step)"
      text.append(Text("range(\(range.start), \(range.stop)\(step))"))
    case .iterator: text.append("<generator object>")
    case .loop(let loop): text.append(Text("<LoopContext \(loop.index + 1)/\(loop.items.count)>"))
    case .callable(let callable): text.append(Text(callable.description))
    }
    try reserve(bytes: text.count - start)
  }

  private func represent(_ sequence: SequenceObject, into text: inout Text) throws(TemplateError) {
    let (open, close): (Text, Text) =
      switch sequence.kind {
      case .list: ("[", "]")
      case .tuple: ("(", sequence.elements.count == 1 ? ",)" : ")")
      case .keys: ("dict_keys([", "])")
      case .values: ("dict_values([", "])")
      case .items: ("dict_items([", "])")
      }
    text.append(open)
    for (index, element) in sequence.elements.enumerated() {
      if index > 0 { text.append(", ") }
      try represent(element, into: &text)
    }
    text.append(close)
  }

  private func represent(_ mapping: MappingObject, into text: inout Text) throws(TemplateError) {
    text.append("{")
    for (index, (key, value)) in mapping.entries.enumerated() {
      if index > 0 { text.append(", ") }
      try represent(key.object, into: &text)
      text.append(": ")
      try represent(value, into: &text)
    }
    text.append("}")
  }

  /// A string in the quotes and with the escapes that Python would use.
  private static func quote(_ text: Text) -> Text {
    let usesDouble = text.utf8.contains(UInt8(ascii: "'")) && !text.utf8.contains(UInt8(ascii: "\""))
    let quote: Unicode.Scalar = usesDouble ? "\"" : "'"
    let body = text.mapScalars { scalar in
      switch scalar {
      case "\\", quote: "\\\(scalar)"
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      case _ where scalar.isPythonPrintable: String(scalar)
      case _ where scalar.value < 0x100: "\\x" + Numbers.hexadecimal(scalar.value, digits: 2)
      case _ where scalar.value < 0x10000: "\\u" + Numbers.hexadecimal(scalar.value, digits: 4)
      default: "\\U" + Numbers.hexadecimal(scalar.value, digits: 8)
      }
    }
    let mark = Text(String(quote), isContent: text.hasContent)
    return mark + body + mark
  }
}

extension Unicode.Scalar {
  /// Whether Python's `repr` shows the scalar without an escape.
  fileprivate var isPythonPrintable: Bool {
    if isASCII { return value >= 0x20 && value != 0x7F }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned: return false
    case .lineSeparator, .paragraphSeparator, .spaceSeparator: return false
    default: return true
    }
  }
}
