import Tokenization

/// Guesses what an answer says next, at no cost: what an earlier answer said there, or what followed the same
/// tokens before, in an earlier answer, in the prompt or in the answer itself (n-gram lookup, as in prompt lookup
/// decoding).
///
/// The guess for the next token is followed in any case, so that it is known how often guesses come true; a
/// proposal is made where it is expected to save more time than it takes (``DraftPace``).
struct Draft {
  /// Earlier answers, each followed by ``none``; then the prompt, and the answer so far. ``none`` also stands for
  /// what ends an answer.
  private var corpus: [Token]
  /// Where the earlier answers begin, and this one.
  private let starts: [Int]
  private let answerStart: Int
  private var index: TrigramIndex
  /// The place in the corpus of the guess for the next token; nil for none.
  private var place: Int?
  /// How many tokens before the guess are the same as the last of the answer, counted up to
  /// ``DraftPace/longestAgreement``.
  private var agreement = 0
  /// When a proposal pays.
  var pace: DraftPace
  /// The most guesses at once.
  private let most: Int

  /// No token is −1.
  private static let none: Token = -1
  /// Places that are looked at for the longest agreement.
  private static let candidates = 8

  /// - Parameters:
  ///   - earlier: Answers that may recur, the likeliest first.
  ///   - most: The most guesses at once; 0 for none at any time.
  ///   - isEnd: Whether a token ends an answer, after which nothing is to be guessed.
  init(_ earlier: [[Token]], after prompt: [Token], most: Int, isEnd: (Token) -> Bool = { _ in false }) {
    self.most = most
    pace = DraftPace(hasEarlier: !earlier.isEmpty)
    guard most > 0 else {
      (corpus, starts, answerStart, index) = ([], [], 0, TrigramIndex(capacity: 0))
      return
    }
    var corpus: [Token] = [], starts: [Int] = []
    for answer in earlier where !answer.isEmpty {
      starts.append(corpus.count)
      corpus += answer + [Self.none]
    }
    corpus += prompt
    for place in corpus.indices where isEnd(corpus[place]) { corpus[place] = Self.none }
    self.corpus = corpus
    self.starts = starts
    answerStart = corpus.count
    index = TrigramIndex(capacity: corpus.count)
    for end in corpus.indices { index.add(corpus, end) }
    find()
  }

  /// Takes in the next token of the answer.
  mutating func append(_ token: Token) {
    guard most > 0 else { return }
    index.add(corpus, corpus.count)
    corpus.append(token)
    if let place {
      let isRight = corpus[place] == token
      pace.learn(isRight, after: agreement)
      if isRight, corpus[place + 1] != Self.none {
        self.place = place + 1
        agreement = min(agreement + 1, DraftPace.longestAgreement)
        return
      }
    }
    find()
  }

  /// Takes in how a token was read, and the seconds of that.
  mutating func take(_ work: InferenceContext.Step.Work, _ seconds: Double) {
    switch work {
    case .guessed: pace.saved()
    case .decoded: pace.decoded(seconds)
    case .batch(let count, let isWhole): pace.read(count, seconds, isWhole: isWhole)
    }
  }

  /// What is guessed to follow, as far as it pays to read it with the token before it.
  mutating func proposal(_ most: Int) -> [Token] {
    guard let place, min(most, self.most) > 0 else { return [] }
    var guesses: [Token] = []
    for next in place..<place + min(most, self.most) {
      // Beyond the answer the guesses themselves go on, as in a loop.
      let guess = next < corpus.count ? corpus[next] : guesses[next - corpus.count]
      if guess == Self.none { break }
      guesses.append(guess)
    }
    guesses.removeLast(guesses.count - pace.length(of: guesses.count, after: agreement))
    return guesses
  }

  /// Looks for the place whose tokens before it agree longest with the end of the answer; the newest of equals.
  private mutating func find() {
    (place, agreement) = (nil, 0)
    var best: Int?, longest = 0
    let answered = corpus.count - answerStart
    for start in starts where start + answered < answerStart {
      let length = agreement(at: start + answered)
      if length > longest { (best, longest) = (start + answered, length) }
    }
    var next = index.last(corpus), left = Self.candidates
    while let candidate = next, left > 0 {
      let length = agreement(at: candidate)
      if length >= TrigramIndex.length, length > longest { (best, longest) = (candidate, length) }
      (next, left) = (index.earlier(candidate), left - 1)
    }
    guard let best, corpus[best] != Self.none else { return }
    (place, agreement) = (best, longest)
  }

  /// How many tokens before `place` are the same as the last ones. An earlier answer that agrees from its
  /// beginning counts as one that agrees for long.
  private func agreement(at place: Int) -> Int {
    let answered = corpus.count - answerStart
    var length = 0
    while length < DraftPace.longestAgreement {
      if length == answered, starts.contains(place - length) { return DraftPace.longestAgreement }
      let before = place - 1 - length
      guard before >= 0, corpus[before] != Self.none, corpus[before] == corpus[corpus.count - 1 - length]
      else { break }
      length += 1
    }
    return length
  }
}

/// The places of a growing text by the three tokens before them.
struct TrigramIndex {
  static let length = 3

  /// At a hash: one more than the last place; 0 for none.
  private var last: [Int32]
  /// At a place: the same of the place before that has the same hash.
  private var before: [Int32] = []

  /// - Parameter capacity: Tokens of the text; more are found too, among more that are not.
  init(capacity: Int) {
    var size = 4096
    while size < 2 * capacity { size *= 2 }
    last = Array(repeating: 0, count: capacity == 0 ? 0 : size)
    before.reserveCapacity(capacity)
  }

  /// Adds the place after the first `count` tokens; places come in order.
  mutating func add(_ text: [Token], _ count: Int) {
    guard let hash = hash(text, count) else { return before.append(0) }
    before.append(last[hash])
    last[hash] = Int32(count + 1)
  }

  /// The newest place that may have the same tokens before it as the end of the text.
  func last(_ text: [Token]) -> Int? { hash(text, text.count).flatMap { Self.place(last[$0]) } }

  /// The newest such place before `place`.
  func earlier(_ place: Int) -> Int? { Self.place(before[place]) }

  private static func place(_ number: Int32) -> Int? { number > 0 ? Int(number) - 1 : nil }

  private func hash(_ text: [Token], _ count: Int) -> Int? {
    guard count >= Self.length else { return nil }
    var hash: UInt64 = 0
    for token in text[count - Self.length..<count] {
      hash = (hash ^ UInt64(UInt32(bitPattern: token))) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return Int(hash & UInt64(last.count - 1))
  }
}
