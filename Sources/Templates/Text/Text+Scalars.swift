// Text by Unicode scalars, the unit in which Python measures, slices and iterates strings.

extension Text {
  /// Length in Unicode scalars.
  var scalarCount: Int { utf8.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 } }

  /// Byte length of the scalar that starts at `offset`.
  func scalarLength(at offset: Int) -> Int {
    switch utf8[offset] {
    case 0..<0x80: 1
    case 0..<0xE0: 2
    case 0..<0xF0: 3
    default: 4
    }
  }

  func scalar(at offset: Int) -> Unicode.Scalar {
    let first = UInt32(utf8[offset])
    switch scalarLength(at: offset) {
    case 1: return Unicode.Scalar(UInt8(first))
    case 2: return decode(first & 0x1F, offset + 1, 1)
    case 3: return decode(first & 0x0F, offset + 1, 2)
    default: return decode(first & 0x07, offset + 1, 3)
    }
  }

  private func decode(_ lead: UInt32, _ offset: Int, _ continuation: Int) -> Unicode.Scalar {
    var value = lead
    for byte in utf8[offset..<min(offset + continuation, utf8.count)] {
      value = value << 6 | UInt32(byte & 0x3F)
    }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  /// Start of the scalar that ends before `offset`, which is greater than 0.
  func scalarStart(before offset: Int) -> Int {
    var start = offset - 1
    while start > 0, utf8[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  /// Every scalar as a text of its own.
  var scalars: [Text] {
    var pieces: [Text] = []
    var offset = 0
    while offset < utf8.count {
      let end = offset + scalarLength(at: offset)
      pieces.append(self[offset..<end])
      offset = end
    }
    return pieces
  }

  /// Byte offset of the scalar number `index`, or the length in bytes past the end.
  func offset(ofScalar index: Int) -> Int {
    var offset = 0
    var remaining = index
    while remaining > 0, offset < utf8.count {
      offset += scalarLength(at: offset)
      remaining -= 1
    }
    return offset
  }

  /// Applies `transform` to every scalar; what comes of content is content.
  func mapScalars(_ transform: (Unicode.Scalar) -> String) -> Text {
    mapOffsets { transform(scalar(at: $0)) }
  }

  /// Applies `transform` to the byte offset of every scalar; what comes of content is content.
  func mapOffsets(_ transform: (Int) -> String) -> Text {
    var result = Text()
    var offset = 0
    while offset < utf8.count {
      result.append(transform(offset), isContent: isContent(at: offset))
      offset += scalarLength(at: offset)
    }
    return result
  }
}
