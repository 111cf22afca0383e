import Tokenization

/// DRY, "don't repeat yourself": makes a token less likely the longer the repetition that it would go on.
///
/// Source: the method's own description, github.com/oobabooga/text-generation-webui/pull/5677.
struct DRY {
  private let options: SamplingOptions
  private let breakers: SequenceBreakers
  /// `repeats[i]`: the number of tokens at the end of the window that also end i tokens before its end.
  private var repeats: [Int] = []
  /// The longest repetition that each token would go on.
  private var longest: [Token: Int] = [:]
  /// Those tokens, as of the last time.
  var repeated: some Sequence<Token> { longest.keys }

  /// - Parameter piece: The bytes of a token, which are searched for breakers.
  init(_ options: SamplingOptions, piece: @escaping (Token) -> [UInt8]) {
    self.options = options
    breakers = SequenceBreakers(options.dryBreakers, piece: piece)
  }

  /// Changes the logits [vocabulary] of tokens that would go on a repetition within the window at the end of
  /// `recent`.
  mutating func apply(to logits: UnsafeMutableBufferPointer<Float>, recent: ArraySlice<Token>) {
    longest.removeAll(keepingCapacity: true)
    let window = recent.suffix(options.dryWindow)
    let allowed = max(0, options.dryAllowedLength)
    guard window.count > allowed else { return }
    let reach = breakers.tokensSinceLast(in: window)
    guard reach >= allowed else { return }
    measureRepeats(window)
    for distance in 1..<window.count {
      let length = min(repeats[distance], reach)
      guard length >= allowed else { continue }
      // The token that followed the earlier occurrence.
      let token = window[window.endIndex - distance]
      longest[token] = max(length, longest[token] ?? 0)
    }
    for (token, length) in longest
    where logits.indices.contains(Int(token)) && !breakers.isBreaker(token) {
      let penalty =
        Double(options.dryMultiplier) * PortableMath.power(Double(options.dryBase), length - allowed)
      logits[Int(token)] -= Float(penalty)
    }
  }

  /// The Z function of the window read backwards, in linear time: `repeats[i]` is the length of the longest
  /// common prefix of the reversed window and of what is left of it after i tokens.
  private mutating func measureRepeats(_ window: ArraySlice<Token>) {
    let count = window.count, last = window.endIndex - 1
    repeats.removeAll(keepingCapacity: true)
    repeats.append(count)
    // The stretch found so far that reaches furthest: it begins at `start` and ends before `end`.
    var start = 0, end = 0
    for position in 1..<count {
      var length = position < end ? min(end - position, repeats[position - start]) : 0
      while position + length < count, window[last - length] == window[last - position - length] {
        length += 1
      }
      repeats.append(length)
      if position + length > end { (start, end) = (position, position + length) }
    }
  }
}

/// Texts over which no repetition reaches, found in the bytes of tokens.
struct SequenceBreakers {
  private let breakers: [[UInt8]]
  private let piece: (Token) -> [UInt8]
  private let longest: Int

  init(_ texts: [String], piece: @escaping (Token) -> [UInt8]) {
    breakers = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }
    longest = breakers.map(\.count).max() ?? 0
    self.piece = piece
  }

  /// Whether a token has a whole breaker in it.
  func isBreaker(_ token: Token) -> Bool { firstEnd(in: piece(token), startingBefore: .max) != nil }

  /// The number of tokens after the last breaker, which may lie across several; all when there is none.
  func tokensSinceLast(in window: ArraySlice<Token>) -> Int {
    guard longest > 0 else { return window.count }
    // The bytes from a token on, as far as a breaker that starts in it may reach.
    var text: [UInt8] = []
    for index in window.indices.reversed() {
      let piece = piece(window[index])
      text = piece + text.prefix(longest - 1)
      guard var end = firstEnd(in: text, startingBefore: piece.count) else { continue }
      var last = index
      while end > self.piece(window[last]).count {
        end -= self.piece(window[last]).count
        last += 1
      }
      return window.endIndex - 1 - last
    }
    return window.count
  }

  /// The end of the first breaker that starts before `limit`; of several that start there, of the longest.
  private func firstEnd(in text: [UInt8], startingBefore limit: Int) -> Int? {
    for start in text.indices.prefix(limit) {
      let found = breakers.filter { text[start...].starts(with: $0) }.map(\.count).max()
      if let found { return start + found }
    }
    return nil
  }
}
