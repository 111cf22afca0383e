extension Filters {
  /// A filter without arguments that maps the object's text.
  static func text(_ transform: @escaping @Sendable (Text) -> Text) -> Filter {
    { (object, arguments, interpreter) throws(TemplateError) in
      guard arguments.positional.isEmpty, arguments.named.isEmpty else {
        throw TemplateError("this filter takes no arguments")
      }
      return try interpreter.makeText(transform(try interpreter.converted(object)))
    }
  }

  /// Jinja's own title case: words begin after white space, hyphens and opening brackets.
  @Sendable static func title(_ text: Text) -> Text {
    var isStart = true
    var result = Text()
    var wordStart = 0
    func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
    }
    var offset = 0
    while offset < text.count {
      let end = offset + text.scalarLength(at: offset)
      if isSeparator(text.scalar(at: offset)) {
        result.append(text[wordStart..<offset].lowercased)
        result.append(text, range: offset..<end)
        wordStart = end
        isStart = true
      } else if isStart {
        result.append(text[offset..<end].uppercased)
        wordStart = end
        isStart = false
      }
      offset = end
    }
    result.append(text[wordStart..<text.count].lowercased)
    return result
  }

  static func trim(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let characters = try arguments.bind("filter 'trim'", ["chars"]).optionalText(0)
    return try interpreter.strip(try interpreter.string(object), of: characters)
  }

  static func replace(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'replace'", ["old", "new", "count"], required: 2)
    return try interpreter.replace(
      try interpreter.string(object), try interpreter.string(arguments[0] ?? .null),
      try interpreter.string(arguments[1] ?? .null), limit: try arguments.optionalInt(2) ?? -1)
  }

  static func format(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    guard arguments.named.isEmpty || arguments.positional.isEmpty else {
      throw TemplateError("filter 'format' takes named or positional arguments, not both")
    }
    let values =
      arguments.named.isEmpty
      ? try interpreter.makeSequence(arguments.positional, .tuple)
      : Object.mapping(
        try interpreter.makeMapping(
          try Globals.entries("filter 'format'", Arguments(named: arguments.named), interpreter)))
    return try interpreter.makeText(
      try PercentFormat.format(try interpreter.string(object), values, interpreter))
  }

  static func center(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let width = try arguments.bind("filter 'center'", ["width"]).int(0, default: 80)
    return .string(try interpreter.pad(try interpreter.string(object), to: width, .center))
  }

  /// Indentation takes the provenance of the line that it indents.
  static func indent(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'indent'", ["width", "first", "blank"])
    guard case .string(let text) = object else {
      if case .undefined(let undefined) = object { throw undefined.error }
      throw TemplateError("filter 'indent' needs a string, got \(object.typeName)")
    }
    let indentation: Text
    if case .string(let text)? = arguments[0] {
      indentation = text
    } else {
      let width = try arguments.int(0, default: 4)
      try interpreter.reserve(bytes: 1, times: width)
      indentation = Text(" ").repeated(width)
    }
    // Jinja appends a newline and splits into lines, so that only the ends of the text decide about the last
    // line.
    try interpreter.reservePieces(1 + text.scalarCount(where: \.isPythonLineBreak), of: text)
    let lines = (text + "\n").lines()
    try interpreter.reserve(bytes: indentation.count, times: lines.count)
    var result = Text()
    for (index, line) in lines.enumerated() {
      if index > 0 { result.append("\n", isContent: text.hasContent && (line.hasContent || line.isEmpty)) }
      let isIndented =
        index == 0 ? arguments.bool(1, default: false) : arguments.bool(2, default: false) || !line.isEmpty
      if isIndented {
        result.append(indentation.hasContent ? indentation : indentation.marked(isContent: line.hasContent))
      }
      result.append(line)
    }
    return try interpreter.makeText(result)
  }

  static func truncate(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'truncate'", ["length", "killwords", "end", "leeway"])
    if case .undefined = object { return .string(Text()) }
    guard case .string(let text) = object else {
      throw TemplateError("filter 'truncate' needs a string, got \(object.typeName)")
    }
    let length = try arguments.int(0, default: 255)
    let end = try arguments.optionalText(2) ?? "..."
    try interpreter.read(bytes: 2 * text.count + end.count)
    let leeway = try arguments.optionalInt(3) ?? 5
    guard length >= end.scalarCount, leeway >= 0 else {
      throw TemplateError(
        "filter 'truncate' needs a 'length' of at least \(end.scalarCount) and a 'leeway' of at least 0")
    }
    let (most, overflow) = length.addingReportingOverflow(leeway)
    if overflow || text.scalarCount <= most { return .string(text) }
    var cut = text[0..<text.offset(ofScalar: length - end.scalarCount)]
    if !arguments.bool(1, default: false) { cut = cut.splitFromRight(separator: " ", limit: 1)[0] }
    return try interpreter.makeText(cut + end)
  }

  static func wordCount(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    var count = 0
    var isInWord = false
    for scalar in try interpreter.converted(object).string.unicodeScalars {
      let isWord = scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      if isWord, !isInWord { count += 1 }
      isInWord = isWord
    }
    return .int(count)
  }

  static func urlEncode(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    func quote(_ object: Object, isQuery: Bool) throws(TemplateError) -> Text {
      let text = try interpreter.converted(object)
      var result = Text()
      for (offset, byte) in text.utf8.enumerated() {
        let isContent = text.isContent(at: offset)
        let scalar = Unicode.Scalar(byte)
        let isPlain = scalar.isASCII && scalar.properties.isAlphabetic || (0x30...0x39).contains(byte)
        if isPlain || "_.-~".unicodeScalars.contains(scalar) || !isQuery && scalar == "/" {
          result.append(String(scalar), isContent: isContent)
        } else if isQuery, scalar == " " {
          result.append("+", isContent: isContent)
        } else {
          result.append("%" + Numbers.hexadecimal(UInt32(byte), digits: 2).uppercased(), isContent: isContent)
        }
      }
      return result
    }
    switch object {
    case .mapping, .sequence:
      let pairs: [Object]
      if case .mapping(let mapping) = object {
        pairs = try interpreter.pairs(of: mapping)
      } else {
        pairs = try interpreter.iterate(object)
      }
      var parts: [Text] = []
      for pair in pairs {
        let pair = try interpreter.iterate(pair)
        guard pair.count == 2 else {
          throw TemplateError("filter 'urlencode' needs pairs of keys and values")
        }
        parts.append(try quote(pair[0], isQuery: true) + "=" + (try quote(pair[1], isQuery: true)))
      }
      return try interpreter.makeText(("&" as Text).joining(parts))
    default: return try interpreter.makeText(try quote(object, isQuery: false))
    }
  }
}

extension Text {
  /// Without the scalars of `characters` at both ends; nil: without white space.
  func stripped(of characters: Text?, start: Bool = true, end: Bool = true) -> Text {
    let set = characters.map { Set($0.string.unicodeScalars) }
    func strips(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
    let text = start ? strippingStart(strips) : self
    return end ? text.strippingEnd(strips) : text
  }
}

extension Interpreter {
  enum Alignment { case left, right, center }

  /// The text of an object, of which every character is going to be worked on.
  func converted(_ object: Object) throws(TemplateError) -> Text {
    let text = try string(object)
    try convert(bytes: text.count)
    return text
  }

  /// The text without the scalars of `characters` at the ends; nil: without white space.
  func strip(
    _ text: Text, of characters: Text?, start: Bool = true, end: Bool = true
  ) throws(TemplateError) -> Object {
    try convert(bytes: characters?.count ?? 0)
    let result = text.stripped(of: characters, start: start, end: end)
    try read(bytes: text.count - result.count)
    return try makeText(result)
  }

  /// `text` filled up to `width` scalars.
  func pad(_ text: Text, to width: Int, _ alignment: Alignment, fill: Text = " ") throws(TemplateError)
    -> Text
  {
    try read(bytes: text.count)
    let missing = width - text.scalarCount
    guard missing > 0 else { return text }
    try reserve(bytes: fill.count, times: missing)
    switch alignment {
    case .left: return text + fill.repeated(missing)
    case .right: return fill.repeated(missing) + text
    case .center:
      // Python puts the odd one to the left when the width is odd too.
      let left = missing / 2 + (missing & width & 1)
      return fill.repeated(left) + text + fill.repeated(missing - left)
    }
  }

  func replace(_ text: Text, _ old: Text, _ new: Text, limit: Int) throws(TemplateError) -> Object {
    try read(bytes: text.count + old.count)
    if old.isEmpty { try convert(bytes: text.count) }
    let count = text.replacementCount(of: old, limit: limit)
    try step(count)
    try reserve(bytes: new.count + MemoryLayout<Int>.stride, times: count)
    return try makeText(text.replacing(old, with: new, count: count))
  }

  /// Pieces with `separator` between them.
  func join(_ pieces: [Text], separator: Text) throws(TemplateError) -> Object {
    try reserve(bytes: separator.count, times: pieces.count)
    try reserve(bytes: pieces.reduce(0) { $0 + $1.count })
    try step(pieces.count)
    return .string(separator.joining(pieces))
  }
}
