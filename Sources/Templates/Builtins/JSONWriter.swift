/// JSON text of an object, laid out as Python's `json.dumps` does it.
///
/// If anything in the value is content, all of its JSON is: control tokens have no business in JSON, and a
/// text in one piece is tokenized as the model saw it in training.
struct JSONWriter {
  let interpreter: Interpreter
  var isASCII = false
  var indentation: Text?
  var itemSeparator: Text = ", "
  var keySeparator: Text = ": "
  var sortsKeys = false

  init(interpreter: Interpreter) { self.interpreter = interpreter }

  func text(of object: Object) throws(TemplateError) -> Text {
    var text = Text()
    try write(object, level: 0, to: &text)
    return text.hasContent ? text.marked(isContent: true) : text
  }

  private func write(_ object: Object, level: Int, to text: inout Text) throws(TemplateError) {
    try interpreter.step()
    try interpreter.descend()
    defer { interpreter.ascend() }
    switch object {
    case .null: text.append("null")
    case .bool(let value): text.append(value ? "true" : "false")
    case .int(let value): text.append(Text(String(value)))
    case .float(let value): text.append(Text(number(value)))
    case .string(let value): try write(value, to: &text)
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      try write("[", "]", sequence.elements, level, &text) { (element, text) throws(TemplateError) in
        try write(element, level: level + 1, to: &text)
      }
    case .mapping(let mapping):
      var entries = try interpreter.pairs(of: mapping)
      if sortsKeys {
        entries = try interpreter.sorted(entries, descending: false) { (pair) throws(TemplateError) in
          try interpreter.item(.int(0), of: pair)
        }
      }
      try write("{", "}", entries, level, &text) { (pair, text) throws(TemplateError) in
        try write(try key(try interpreter.item(.int(0), of: pair)), to: &text)
        text.append(keySeparator)
        try write(try interpreter.item(.int(1), of: pair), level: level + 1, to: &text)
      }
    case .undefined(let undefined):
      throw TemplateError("filter 'tojson' cannot write an undefined value: \(undefined.error.message)")
    default: throw TemplateError("filter 'tojson' cannot write a value of type \(object.typeName)")
    }
  }

  private func write(
    _ open: Text, _ close: Text, _ elements: [Object], _ level: Int, _ text: inout Text,
    _ writeElement: (Object, inout Text) throws(TemplateError) -> Void
  ) throws(TemplateError) {
    text.append(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(itemSeparator) }
      try breakLine(level + 1, &text)
      try writeElement(element, &text)
    }
    if !elements.isEmpty { try breakLine(level, &text) }
    text.append(close)
  }

  private func breakLine(_ level: Int, _ text: inout Text) throws(TemplateError) {
    guard let indentation else { return }
    try interpreter.reserve(bytes: indentation.count, times: level)
    text.append("\n")
    text.append(indentation.repeated(level))
  }

  private func key(_ key: Object) throws(TemplateError) -> Text {
    switch key {
    case .string(let text): text
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    case .int(let value): Text(String(value))
    case .float(let value): Text(number(value))
    default: throw TemplateError("filter 'tojson' cannot write a key of type \(key.typeName)")
    }
  }

  private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return Numbers.represent(value)
  }

  private func write(_ string: Text, to text: inout Text) throws(TemplateError) {
    try interpreter.convert(bytes: string.count)
    try interpreter.reserve(bytes: string.count)
    let quote = Text("\"", isContent: string.hasContent)
    text.append(quote)
    text.append(string.mapScalars(escape))
    text.append(quote)
  }

  private func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\u{08}": "\\b"
    case "\u{0C}": "\\f"
    case _ where scalar.value < 0x20 || isASCII && scalar.value >= 0x7F:
      String(scalar).utf16.map { "\\u" + Numbers.hexadecimal(UInt32($0), digits: 4) }.joined()
    default: String(scalar)
    }
  }
}
