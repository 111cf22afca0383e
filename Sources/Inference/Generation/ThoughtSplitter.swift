import Tokenization

/// Splits the tokens of an answer into thought and content as they are drawn, and leaves the markers out.
///
/// Cut anywhere, the texts of each part joined are those of the whole. A token whose text belongs to both parts gives
/// the first; the rest comes with the next token, or at the end.
public struct ThoughtSplitter: Sendable {
  private let format: ThinkingFormat?
  private let tokenizer: Tokenizer
  private var decoder: StreamDecoder
  private var place = Place.start
  /// The beginning of a marker, which may become one.
  private var held: [ThinkingFormat.Unit] = []
  /// How much of it was given out as text at an end, after which the answer goes on.
  private var given = 0
  /// White space that is a part of the text if more text follows.
  private var space: [UInt8] = []
  /// Text that no token has given out yet.
  private var waiting: [(part: AnswerPart, text: [UInt8])] = []
  /// Whether a part has text.
  private var hasThought = false, hasContent = false
  /// Whether the answer has thought, be it without a word.
  private var hasOpened = false
  /// The header of a message under way.
  private var header: [UInt8] = []
  /// Whether it may still be text of the content.
  private var headerIsText = false
  /// Tokens of thoughts after the marker that opened them.
  public private(set) var thoughtTokens = 0

  private enum Place { case start, thought, header, content }

  /// - Parameters:
  ///   - format: nil for a model that does not think: all is content.
  ///   - prompt: What the model read before the answer: its end tells whether the template opened a thought.
  ///   - beginning: The part of the answer that the prompt ends with already.
  public init(
    _ format: ThinkingFormat?, _ tokenizer: Tokenizer, prompt: [Token] = [],
    continuing beginning: AnswerBeginning? = nil
  ) {
    self.format = format
    self.tokenizer = tokenizer
    decoder = StreamDecoder(tokenizer)
    guard let format else {
      place = .content
      return
    }
    let drawn = beginning?.tokenIDs ?? []
    if beginning?.text.isEmpty == false {
      (place, hasContent) = (.content, true)
    } else if format.opens(prompt.dropLast(drawn.count), tokenizer) {
      open()
    }
    for id in drawn { _ = append(AnswerToken(id: id, text: "", logProbability: 0)) }
    resume()
  }

  /// Goes on after an end, at which all text was given out.
  private mutating func resume() {
    waiting = []
    _ = decoder.cut()
    given = held.count
    if place == .start, !hasOpened { space = [] }
  }

  /// Whether the next token belongs to a thought.
  public var isThinking: Bool { place == .thought }

  /// The token with its text and part.
  public mutating func append(_ token: AnswerToken) -> AnswerToken {
    let id = Token(token.id), wasThinking = place == .thought
    if let format, format.tokens.contains(id) {
      add(decoder.cut())
      take(.token(id))
    } else {
      add(decoder.append(id))
    }
    if wasThinking, place == .thought { thoughtTokens += 1 }
    var token = token
    (token.text, token.part) = next()
    return token
  }

  /// What is left at the end, as tokens with the id −1.
  public mutating func finish() -> [AnswerToken] {
    add(decoder.cut())
    while !held.isEmpty { release(held.removeFirst()) }
    if place == .header, headerIsText { put(header, in: .content) }
    header = []
    if place == .start, !hasOpened { flushSpace(in: .content) }
    space = []
    var rest: [AnswerToken] = []
    while !waiting.isEmpty {
      let (text, part) = next()
      rest.append(AnswerToken(id: -1, text: text, logProbability: 0, part: part))
    }
    return rest
  }

  /// The text of one part that waits, and the part.
  private mutating func next() -> (String, AnswerPart) {
    guard let first = waiting.first else {
      return ("", place == .thought || place != .content && hasOpened ? .reasoning : .content)
    }
    waiting.removeFirst()
    return (String(decoding: first.text, as: UTF8.self), first.part)
  }

  // MARK: Units

  private mutating func add(_ text: String) {
    if text.isEmpty { return }
    if held.isEmpty, !watches { return show(Array(text.utf8), in: .content) }
    for byte in text.utf8 { take(.byte(byte)) }
  }

  /// Whether a marker may come.
  private var watches: Bool {
    guard place == .content else { return true }
    return format?.markers.contains { isLive($0) } ?? false
  }

  /// Whether a marker means something here; elsewhere it is text.
  private func isLive(_ marker: ThinkingFormat.Marker) -> Bool {
    switch marker.role {
    case .opens: place == .start || place == .thought && !hasThought
    case .begins: place == .start
    case .closes: place == .thought
    case .ends: place == .content
    case .header:
      if case .byte = marker.units[0] { place == .start } else { place != .header }
    }
  }

  private mutating func take(_ unit: ThinkingFormat.Unit) {
    guard let format else { return release(unit) }
    if place == .header {
      if unit == format.headerEnd { return endHeader(format) }
      header.append(contentsOf: bytes(of: unit))
      // No header is as long.
      if header.count > Self.longestHeader {
        place = .start
        show(header, in: .content)
        header = []
      }
      return
    }
    held.append(unit)
    while !held.isEmpty {
      var mayBecomeMarker = false
      for marker in format.markers where isLive(marker) && marker.units.starts(with: held) {
        if marker.units.count == held.count {
          held.removeAll(keepingCapacity: true)
          given = 0
          return pass(marker)
        }
        mayBecomeMarker = true
      }
      if mayBecomeMarker { return }
      release(held.removeFirst())
    }
  }

  private static let longestHeader = 256

  /// Goes on after a marker.
  private mutating func pass(_ marker: ThinkingFormat.Marker) {
    space.removeAll(keepingCapacity: true)
    switch marker.role {
    case .opens: open()
    case .closes, .ends: place = .start
    case .begins: beginContent()
    case .header:
      place = .header
      header = marker.units.flatMap(bytes)
      if case .byte = marker.units[0] { headerIsText = true } else { headerIsText = false }
    }
  }

  private mutating func open() {
    (place, hasOpened) = (.thought, true)
    // A second thought is a paragraph of its own.
    if hasThought { space = Array("\n\n".utf8) }
  }

  private mutating func beginContent() {
    place = .start
    hasOpened = true
    if hasContent { space = Array("\n\n".utf8) }
  }

  private mutating func endHeader(_ format: ThinkingFormat) {
    let text = String(decoding: header, as: UTF8.self)
    header.removeAll(keepingCapacity: true)
    if format.thoughtChannels.contains(where: text.contains) { open() } else { beginContent() }
  }

  /// A unit that is no part of a marker.
  private mutating func release(_ unit: ThinkingFormat.Unit) {
    if given > 0 { return given -= 1 }
    let bytes = bytes(of: unit)
    switch place {
    case .thought: show(bytes, in: .reasoning)
    case .start, .content, .header: show(bytes, in: .content)
    }
  }

  private func bytes(of unit: ThinkingFormat.Unit) -> [UInt8] {
    switch unit {
    case .byte(let byte): [byte]
    case .token(let token): tokenizer.piece(token, special: true)
    }
  }

  // MARK: Text

  /// Adds text to a part. White space at the beginning of a thought and of the content after it is left out, as is
  /// that before the marker that closes it.
  private mutating func show(_ bytes: [UInt8], in part: AnswerPart) {
    if place == .content { return put(bytes, in: .content) }
    for byte in bytes {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        let hasBegun = part == .reasoning ? hasThought : !hasOpened
        if hasBegun { space.append(byte) }
      } else {
        flushSpace(in: part)
        put([byte], in: part)
        if part == .reasoning {
          hasThought = true
        } else {
          hasContent = true
          place = .content
        }
      }
    }
  }

  private mutating func flushSpace(in part: AnswerPart) {
    guard !space.isEmpty else { return }
    put(space, in: part)
    space.removeAll(keepingCapacity: true)
  }

  private mutating func put(_ bytes: [UInt8], in part: AnswerPart) {
    if let last = waiting.indices.last, waiting[last].part == part {
      waiting[last].text.append(contentsOf: bytes)
    } else {
      waiting.append((part, bytes))
    }
  }
}

extension ThinkingFormat {
  /// Whether a prompt ends inside a thought that the template opened.
  func opens(_ prompt: some BidirectionalCollection<Token>, _ tokenizer: Tokenizer) -> Bool {
    var units = prompt.suffix(32).flatMap { token -> [Unit] in
      tokens.contains(token) ? [.token(token)] : tokenizer.piece(token, special: true).map { .byte($0) }
    }
    while case .byte(let byte) = units.last, byte == 0x20 || (0x09...0x0D).contains(byte) {
      units.removeLast()
    }
    return openings.contains { $0.role == .opens && units.suffix($0.units.count).elementsEqual($0.units) }
  }
}
