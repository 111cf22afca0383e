/// One pattern of a pre-tokenizer, matched by hand: the regular expressions that models were trained with
/// look ahead and name Unicode categories, and general engines are far too slow for them.
enum SplitPattern: Sendable {
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  case gpt2
  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}`, or
  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
  /// with `marks`, `[\p{L}\p{M}]` stands for `\p{L}` in words and among the scalars that symbols exclude;
  /// without `endings`, symbols do not take the `[\r\n]*` behind them
  case llama3(digits: Int, marks: Bool, endings: Bool = true)
  /// Words with capitals only at their start, where letters have case:
  /// `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`, then the same with `+`
  /// and `*` exchanged, each with `(?i:'s|'t|'re|'ve|'m|'ll|'d)?` after it if `contractions`; then
  /// `\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  case cased(digits: Int, contractions: Bool)
  /// `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+`, or
  /// ` ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+` (the first set also holds the grave accent)
  case deepseekV3
  /// `\p{N}{1,most}`
  case numbers(most: Int)
  /// `[0-9][0-9][0-9]`
  case threeDigits
  /// `[\p{P}$+<=>^~|]+`, with the grave accent added if `grave`.
  case punctuation(grave: Bool)
  /// `[\r\n]`
  case newline
  /// `\s?\p{L}+` or `\s?\p{P}+`
  case spaced(CharacterGroup)
  /// `\s+$`
  case trailingWhitespace
  /// One or more scalars of a set of ranges, after one white space if `spaced`.
  case ranges(ScalarRanges, spaced: Bool)

  enum CharacterGroup: Sendable { case letters, punctuation }

  /// The end of the match that begins at `position`; `position` itself where there is no match.
  func matchEnd(_ text: TextScanner, _ position: Int) -> Int {
    switch self {
    case .gpt2: return text.gpt2(position)
    case .llama3(let digits, let marks, let endings):
      return text.llama3(position, digits: digits, marks: marks, endings: endings)
    case .cased(let digits, let contractions):
      return text.cased(position, digits: digits, contractions: contractions)
    case .deepseekV3: return text.deepseekV3(position)
    case .numbers(let most): return text.numbers(position, most: most)
    case .threeDigits:
      let end = position + 3
      guard end <= text.end else { return position }
      return text.bytes[position..<end].allSatisfy { (0x30...0x39).contains($0) } ? end : position
    case .punctuation(let grave): return text.punctuation(position, grave: grave)
    case .newline: return text.character(at: position).kind.meets(.newline) ? position + 1 : position
    case .spaced(.letters): return text.afterSpace(position) { $0.run(from: $1, of: .letter) }
    case .spaced(.punctuation): return text.afterSpace(position) { $0.run(from: $1, of: .punctuation) }
    case .trailingWhitespace: return text.trailingWhitespace(position)
    case .ranges(let ranges, spaced: true): return text.afterSpace(position) { $0.run(from: $1, in: ranges) }
    case .ranges(let ranges, spaced: false): return text.run(from: position, in: ranges)
    }
  }
}
