/// The longest of many pieces that begins at each position of a text, in time linear in the text whatever the
/// pieces are.
///
/// The automaton of Aho & Corasick (1975) of the reversed pieces, which reads the text from its end to its
/// start: its state at a position is the longest string that begins there and ends a piece. Pieces belong to
/// levels, and a search sees the pieces up to a level.
struct PieceMatcher: Sendable {
  /// All pieces together, in bytes, at most: a state takes some 40 bytes of memory.
  static let maximumBytes = 8 << 20

  /// Bytes of the longest piece.
  private(set) var longestPiece = 0
  private let levels: Int
  /// The state of the string without its last byte, and that byte; state 0 is the empty string.
  private var parent: [Int32] = [0]
  private var byte: [UInt8] = [0]
  /// The state of the longest proper ending of a state's string that is a state too.
  private var fallback: [Int32] = [0]
  /// The piece that is just a state's string, -1 for none.
  private var own: [Token] = [-1]
  /// For each state and level, the longest piece up to this level that ends the state's string; -1 for none.
  private var longest: [Token] = []
  /// States after the empty string, by byte; 0 for none.
  private var roots = [Int32](repeating: 0, count: 256)
  /// States by parent and byte: an open-addressing hash table, 0 in empty slots.
  private var slots: [Int32] = []
  /// The states, those of shorter strings first.
  private var order: [Int32] = []

  /// - Parameters:
  ///   - tokens: the tokens to find, together at most ``maximumBytes`` long; of equal pieces the first counts
  ///   - levels: the number of levels
  init(tokens: some Sequence<Token>, in pieces: Pieces, levels: Int) {
    self.levels = levels
    let tokens = tokens.filter { !pieces.range(of: $0).isEmpty }
    let bytes = tokens.reduce(0) { $0 + pieces.range(of: $1).count }
    slots = [Int32](repeating: 0, count: max(16, bytes * 2).nextPowerOfTwo)
    var depth: [Int32] = [0]
    for token in tokens {
      var state: Int32 = 0
      for next in pieces[token].reversed() {
        if let known = child(state, next) {
          state = known
          continue
        }
        let new = Int32(parent.count)
        parent.append(state)
        byte.append(next)
        own.append(-1)
        depth.append(depth[Int(state)] + 1)
        insert(new)
        state = new
      }
      if own[Int(state)] < 0 { own[Int(state)] = token }
      longestPiece = max(longestPiece, pieces.range(of: token).count)
    }
    order = Self.order(depth, longest: longestPiece)
    fallback = [Int32](repeating: 0, count: parent.count)
    for state in order where parent[Int(state)] != 0 {
      fallback[Int(state)] = next(fallback[Int(parent[Int(state)])], byte[Int(state)])
    }
    assign { _ in 0 }
  }

  /// Puts every piece on a level.
  mutating func assign(_ level: (Token) -> Int) {
    longest = [Token](repeating: -1, count: parent.count * levels)
    for state in order {
      let piece = own[Int(state)], first = piece < 0 ? levels : level(piece)
      for level in 0..<levels {
        longest[Int(state) * levels + level] =
          level >= first ? piece : longest[Int(fallback[Int(state)]) * levels + level]
      }
    }
  }

  /// Calls `body` with each position in `range` at which a piece begins and the longest that does, the last
  /// position first.
  ///
  /// - Parameters:
  ///   - end: where the pieces end at the latest; no smaller than the end of the range
  ///   - level: the highest level of the pieces to find
  func forEachLongest(
    in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, end: Int, level: Int,
    _ body: (_ position: Int, _ token: Token) -> Void
  ) {
    var state: Int32 = 0
    var position = min(end, range.upperBound + longestPiece)
    while position > range.lowerBound {
      position -= 1
      state = next(state, text[position])
      guard state != 0, position < range.upperBound else { continue }
      let token = longest[Int(state) * levels + level]
      if token >= 0 { body(position, token) }
    }
  }

  // MARK: States

  /// The state after one more byte.
  @inline(__always)
  private func next(_ state: Int32, _ byte: UInt8) -> Int32 {
    var state = state
    while state != 0 {
      if let child = child(state, byte) { return child }
      state = fallback[Int(state)]
    }
    return roots[Int(byte)]
  }

  private func child(_ state: Int32, _ next: UInt8) -> Int32? {
    if state == 0 { return roots[Int(next)] == 0 ? nil : roots[Int(next)] }
    var slot = slot(state, next)
    while slots[slot] != 0 {
      let candidate = slots[slot]
      if parent[Int(candidate)] == state, byte[Int(candidate)] == next { return candidate }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func insert(_ state: Int32) {
    let before = parent[Int(state)], last = byte[Int(state)]
    if before == 0 { return roots[Int(last)] = state }
    var slot = slot(before, last)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = state
  }

  private func slot(_ state: Int32, _ next: UInt8) -> Int {
    let key = UInt64(state) << 8 | UInt64(next)
    return Int((key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
  }

  /// The states by the length of their strings, without the empty one.
  private static func order(_ depth: [Int32], longest: Int) -> [Int32] {
    var starts = [Int](repeating: 0, count: longest + 2)
    for depth in depth.dropFirst() { starts[Int(depth) + 1] += 1 }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var order = [Int32](repeating: 0, count: depth.count - 1)
    for state in depth.indices.dropFirst() {
      order[starts[Int(depth[state])]] = Int32(state)
      starts[Int(depth[state])] += 1
    }
    return order
  }
}
