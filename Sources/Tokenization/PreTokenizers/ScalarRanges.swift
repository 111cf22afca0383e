/// Sets of scalars that some pre-tokenizers list one by one rather than by category.
enum ScalarRanges: Sendable {
  /// DeepSeek V3: the Han ideographs of Unicode 1.1, hiragana and katakana.
  case hanAndKana
  /// DeepSeek LLM and Coder: those ideographs and all that lies between Samaritan and them, Hangul.
  case asian
  /// DeepSeek LLM: letters that have case.
  case casedLetters
  /// DeepSeek LLM: ASCII punctuation (and, by its range from colon to tilde, letters), full-width forms,
  /// quotation marks, ideographic stops.
  case punctuation

  func contains(_ scalar: UInt32) -> Bool {
    switch self {
    case .hanAndKana: (0x4E00...0x9FA5).contains(scalar) || (0x3040...0x30FF).contains(scalar)
    case .asian: (0x0800...0x9FA5).contains(scalar) || (0xAC00...0xD7FF).contains(scalar)
    case .casedLetters: scalar < 0x80 ? Self.isASCIILetter(scalar) : Self.search(Self.cased, for: scalar)
    case .punctuation:
      switch scalar {
      case 0x21...0x2F, 0x3A...0x7E, 0x2018...0x201F, 0x3000...0x3002, 0xFF01...0xFF0F, 0xFF1A...0xFF5E: true
      default: false
      }
    }
  }

  private static func isASCIILetter(_ scalar: UInt32) -> Bool { (0x61...0x7A).contains(scalar | 0x20) }

  private static func search(_ ranges: [ClosedRange<UInt32>], for scalar: UInt32) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(scalar)
  }

  /// DeepSeek's list, in hexadecimal and in ascending order.
  private static let cased: [ClosedRange<UInt32>] = """
    B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376-377 37B-37D 37F 386 388-38A 38C 38E-3A1 3A3-3F5
    3F7-481 48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77 1D79-1D9A
    1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE
    1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 2119-211D
    2124 2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183-2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE
    2CF2-2CF3 A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A
    FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943
    """
    .split { $0 == " " || $0 == "\n" }
    .map { item in
      let bounds = item.split(separator: "-").compactMap { UInt32($0, radix: 16) }
      return bounds[0]...bounds[bounds.count - 1]
    }
}
