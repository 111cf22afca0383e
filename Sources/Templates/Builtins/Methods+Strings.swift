extension Methods {
  static let strings: [String: Method<Text>] = [
    // Case
    "capitalize": text { $0.capitalized },
    "lower": text { $0.lowercased },
    "swapcase": text { $0.swappedCase },
    "title": text { $0.titlecased },
    "upper": text { $0.uppercased },

    // Tests
    "endswith": affix("endswith()") { $0.hasSuffix($1) },
    "isalnum": test { $0.isPythonLetter || $0.properties.numericType != nil },
    "isalpha": test { $0.isPythonLetter },
    "isascii": { (text, _, interpreter) throws(TemplateError) in
      try interpreter.read(bytes: text.count)
      return .bool(text.utf8.allSatisfy { $0 < 0x80 })
    },
    "isdecimal": test { $0.properties.generalCategory == .decimalNumber },
    "isdigit": test { [.digit, .decimal].contains($0.properties.numericType) },
    "islower": whole(\.isLowercase),
    "isnumeric": test { $0.properties.numericType != nil },
    "isspace": test { $0.isPythonSpace },
    "isupper": whole(\.isUppercase),
    "startswith": affix("startswith()") { $0.hasPrefix($1) },

    // Searching
    "count": { (text, arguments, interpreter) throws(TemplateError) in
      let (range, pattern) = try searched(text, arguments, "count()", interpreter)
      if pattern.isEmpty { return .int(text[range].scalarCount + 1) }
      return .int(text.occurrenceCount(of: pattern, in: range))
    },
    "find": search("find()", fromRight: false, isRequired: false),
    "index": search("index()", fromRight: false, isRequired: true),
    "rfind": search("rfind()", fromRight: true, isRequired: false),
    "rindex": search("rindex()", fromRight: true, isRequired: true),

    // Cutting
    "lstrip": strip("lstrip()", start: true, end: false),
    "partition": partition("partition()", fromRight: false),
    "removeprefix": { (text, arguments, interpreter) throws(TemplateError) in
      let prefix = try arguments.bind("removeprefix()", ["prefix"], required: 1).text(0)
      try interpreter.read(bytes: min(text.count, prefix.count))
      return try interpreter.makeText(text.hasPrefix(prefix) ? text[prefix.count..<text.count] : text)
    },
    "removesuffix": { (text, arguments, interpreter) throws(TemplateError) in
      let suffix = try arguments.bind("removesuffix()", ["suffix"], required: 1).text(0)
      try interpreter.read(bytes: min(text.count, suffix.count))
      return try interpreter.makeText(text.hasSuffix(suffix) ? text[0..<text.count - suffix.count] : text)
    },
    "rpartition": partition("rpartition()", fromRight: true),
    "rsplit": split("rsplit()", fromRight: true),
    "rstrip": strip("rstrip()", start: false, end: true),
    "split": split("split()", fromRight: false),
    "splitlines": { (text, arguments, interpreter) throws(TemplateError) in
      let keepsEnds = try arguments.bind("splitlines()", ["keepends"]).bool(0, default: false)
      try interpreter.reservePieces(1 + text.scalarCount(where: \.isPythonLineBreak), of: text)
      return try interpreter.makeTexts(text.lines(keepingEnds: keepsEnds))
    },
    "strip": strip("strip()", start: true, end: true),

    // Building
    "center": pad("center()", .center),
    "format": { (text, arguments, interpreter) throws(TemplateError) in
      try interpreter.makeText(try BraceFormat.format(text, arguments, interpreter))
    },
    "join": { (text, arguments, interpreter) throws(TemplateError) in
      var pieces: [Text] = []
      for element in try interpreter.iterate(
        try arguments.bind("join()", ["iterable"], required: 1).object(0))
      {
        guard case .string(let piece) = element else {
          throw TemplateError("join() needs strings, got \(element.typeName)")
        }
        pieces.append(piece)
      }
      return try interpreter.join(pieces, separator: text)
    },
    "ljust": pad("ljust()", .left),
    "replace": { (text, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind("replace()", ["old", "new", "count"], required: 2)
      return try interpreter.replace(
        text, try arguments.text(0), try arguments.text(1), limit: try arguments.int(2, default: -1))
    },
    "rjust": pad("rjust()", .right),
    "zfill": { (text, arguments, interpreter) throws(TemplateError) in
      let width = try arguments.bind("zfill()", ["width"], required: 1).int(0, default: 0)
      let signLength = text.hasPrefix("-") || text.hasPrefix("+") ? 1 : 0
      try interpreter.reserve(bytes: text.count)
      let digits = text[signLength..<text.count]
      let (room, _) = width.subtractingReportingOverflow(signLength)
      return .string(text[0..<signLength] + (try interpreter.pad(digits, to: room, .right, fill: "0")))
    },
  ]

  // MARK: Makers of methods

  private static func text(_ transform: @escaping @Sendable (Text) -> Text) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      _ = try arguments.bind("this method", [])
      try interpreter.convert(bytes: text.count)
      return try interpreter.makeText(transform(text))
    }
  }

  /// True if the text is not empty and every scalar passes.
  private static func test(_ passes: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Method<Text> {
    whole { !$0.isEmpty && $0.allScalars(passes) }
  }

  /// A test that looks at every scalar.
  private static func whole(_ holds: @escaping @Sendable (Text) -> Bool) -> Method<Text> {
    { (text, _, interpreter) throws(TemplateError) in
      try interpreter.convert(bytes: text.count)
      return .bool(holds(text))
    }
  }

  private static func affix(_ name: String, _ has: @escaping @Sendable (Text, Text) -> Bool) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind(name, ["affix", "start", "end"], required: 1)
      let part = try range(of: text, arguments, from: 1, interpreter).map { text[$0] } ?? text
      if case .sequence(let candidates)? = arguments[0], candidates.kind == .tuple {
        for candidate in candidates.elements {
          guard case .string(let affix) = candidate else { throw TemplateError("\(name) needs strings") }
          try interpreter.step(1 + min(part.count, affix.count) / 64)
          if has(part, affix) { return .bool(true) }
        }
        return .bool(false)
      }
      let affix = try arguments.text(0)
      try interpreter.read(bytes: min(part.count, affix.count))
      return .bool(has(part, affix))
    }
  }

  /// The byte range that the optional bounds in scalars at `index` and after say; nil for all of it.
  private static func range(
    of text: Text, _ arguments: BoundArguments, from index: Int, _ interpreter: Interpreter
  ) throws(TemplateError) -> Range<Int>? {
    guard arguments[index] != nil else { return nil }
    try interpreter.read(bytes: 4 * text.count)
    let slice = Slice(
      from: try arguments.optionalInt(index), to: try arguments.optionalInt(index + 1), step: 1)
    let bounds = slice.bounds(count: text.scalarCount)
    let start = text.offset(ofScalar: bounds.start)
    return start..<max(start, text.offset(ofScalar: bounds.stop))
  }

  private static func searched(
    _ text: Text, _ arguments: Arguments, _ name: String, _ interpreter: Interpreter
  ) throws(TemplateError) -> (range: Range<Int>, pattern: Text) {
    let arguments = try arguments.bind(name, ["sub", "start", "end"], required: 1)
    let pattern = try arguments.text(0)
    try interpreter.read(bytes: text.count + pattern.count)
    return (try range(of: text, arguments, from: 1, interpreter) ?? 0..<text.count, pattern)
  }

  private static func search(_ name: String, fromRight: Bool, isRequired: Bool) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      let (range, pattern) = try searched(text, arguments, name, interpreter)
      let offset =
        fromRight
        ? text.lastOffset(of: pattern, from: range.lowerBound, to: range.upperBound)
        : text.firstOffset(of: pattern, from: range.lowerBound, to: range.upperBound)
      if let offset { return .int(text[0..<offset].scalarCount) }
      if isRequired { throw TemplateError("\(name) of a text that is not there") }
      return .int(-1)
    }
  }

  private static func strip(_ name: String, start: Bool, end: Bool) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      let characters = try arguments.bind(name, ["chars"]).optionalText(0)
      return try interpreter.strip(text, of: characters, start: start, end: end)
    }
  }

  private static func split(_ name: String, fromRight: Bool) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind(name, ["sep", "maxsplit"])
      let limit = try arguments.int(1, default: -1)
      let most = limit < 0 ? Int.max : limit
      guard let separator = try arguments.optionalText(0) else {
        try interpreter.reservePieces(1 + min(most, text.scalarCount(where: \.isPythonSpace)), of: text)
        return try interpreter.makeTexts(
          fromRight ? text.splitAtWhitespaceFromRight(limit: limit) : text.splitAtWhitespace(limit: limit))
      }
      if separator.isEmpty { throw TemplateError("\(name) needs a separator that is not empty") }
      try interpreter.read(bytes: separator.count)
      try interpreter.reservePieces(1 + text.occurrenceCount(of: separator, limit: most), of: text)
      return try interpreter.makeTexts(
        fromRight
          ? text.splitFromRight(separator: separator, limit: limit)
          : text.split(separator: separator, limit: limit))
    }
  }

  private static func partition(_ name: String, fromRight: Bool) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      let separator = try arguments.bind(name, ["sep"], required: 1).text(0)
      if separator.isEmpty { throw TemplateError("\(name) needs a separator that is not empty") }
      try interpreter.read(bytes: separator.count)
      try interpreter.reserve(bytes: text.count)
      let offset = fromRight ? text.lastOffset(of: separator) : text.firstOffset(of: separator)
      let parts: [Text]
      if let offset {
        let end = offset + separator.count
        parts = [text[0..<offset], text[offset..<end], text[end..<text.count]]
      } else {
        parts = fromRight ? [Text(), Text(), text] : [text, Text(), Text()]
      }
      return try interpreter.makeSequence(parts.map { .string($0) }, .tuple)
    }
  }

  private static func pad(_ name: String, _ alignment: Interpreter.Alignment) -> Method<Text> {
    { (text, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind(name, ["width", "fillchar"], required: 1)
      let fill = try arguments.optionalText(1) ?? " "
      guard fill.scalarCount == 1 else { throw TemplateError("\(name) fills with one character") }
      return .string(try interpreter.pad(text, to: try arguments.int(0, default: 0), alignment, fill: fill))
    }
  }
}

extension Unicode.Scalar {
  /// Whether Python's `str.isalpha` takes it for a letter.
  fileprivate var isPythonLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
