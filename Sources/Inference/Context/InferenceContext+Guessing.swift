import Tokenization

/// Reading ahead: tokens that are guessed to come next are read in one batch with the token before them.
///
/// Where a guess comes true its logits are there already, the bits that reading it alone would give; at the
/// first that does not, the cache is cut. What is guessed thus changes the time that a text takes, and nothing
/// else. Batches are faster by what they share: weights are read from memory, and unpacked, once for all.
extension InferenceContext {
  /// A token that was read, and how.
  struct Step {
    /// What may come next; valid until the next step.
    var next: LogDistribution
    var work: Work

    enum Work: Equatable {
      /// None: it had been read ahead.
      case guessed
      /// It was read alone, in all layers.
      case decoded
      /// So many tokens, it and guesses, were read as a batch. What is in the cache of an earlier text is read in
      /// fewer layers, or in none.
      case batch(Int, isWhole: Bool)
    }
  }

  /// Reads one more token after the text.
  ///
  /// - Parameters:
  ///   - guesses: Gives guesses, at most so many, of what follows the token; not called where it was itself
  ///     read ahead.
  ///   - progress: Called before each layer of a batch; false stops.
  /// - Throws: ``ContextError`` when the cache is full; `CancellationError`, with the text as it was.
  func step(
    _ token: Token, guesses: (_ most: Int) -> [Token] = { _ in [] },
    progress: (Double) -> Bool = { _ in true }
  ) throws -> Step {
    let position = tokens.count
    guard position < capacity else { throw ContextError.full(needed: position + 1, capacity: capacity) }
    guard isUpToDate else {
      let logits = try read(tokens + [token], progress: progress)
      return Step(
        next: LogDistribution(logits, kernels: kernels), work: .batch(position + 1, isWhole: false))
    }
    if tail.first == token, guessed.contains(position) {
      take(token)
      return Step(next: guess(at: position), work: .guessed)
    }
    let guesses = guesses(min(Workspace.logitRows - 1, capacity - position - 1))
    // Of the cache nothing but a checkpoint saves the reading.
    if !tail.isEmpty, tail.first != token || position >= keptPositions { cutTail(to: 0) }
    if guesses.isEmpty, tail.isEmpty { return Step(next: try decode(token), work: .decoded) }
    let work = try readAhead([token] + guesses, progress: progress)
    take(token)
    return Step(next: guess(at: position), work: work)
  }

  /// Earlier answers to the text that was read, with what the cache still has of one; without any, where nothing
  /// is to be guessed, that is dropped.
  func drafts(_ earlier: [[Token]], most: Int) -> [[Token]] {
    guard most > 0 else {
      cutTail(to: 0)
      return []
    }
    let vocabulary = 0..<Token(model.shape.vocabulary)
    let usable = earlier.map { Array($0.prefix { vocabulary.contains($0) }) }
    return tail.isEmpty || usable.contains { $0.starts(with: tail) } ? usable : usable + [Array(tail)]
  }

  /// Reads a token alone.
  private func decode(_ token: Token) throws -> LogDistribution {
    prefault(through: tokens.count + 1)
    recordedPositions = max(recordedPositions, tokens.count + 1)
    let next = transformer.step(token, at: tokens.count)
    try model.file.checkMapping()
    tokens.append(token)
    validPositions += 1
    return next
  }

  /// Computes the logits after some of the tokens that may follow the text, the first of them at least.
  private func readAhead(_ text: [Token], progress: (Double) -> Bool) throws -> Step.Work {
    let position = tokens.count, common = zip(tail, text).prefix { $0 == $1 }.count
    if common < min(tail.count, text.count) { cutTail(to: common) }
    let isCached = position < cachedCount
    let rows: Range<Int>
    if position < validPositions {
      rows = position..<min(position + text.count, validPositions, keptPositions)
      restoreEnd(rows)
    } else {
      rows = try compute(text[...], progress: progress)
      if rows.upperBound > cachedCount { tail = text[..<rows.count] }
      becomeValid(through: rows.upperBound)
    }
    transformer.computeGuesses(rows: 0..<rows.count)
    guessed = rows
    return .batch(rows.count, isWhole: !isCached)
  }

  /// The text goes on with the first token of the tail.
  private func take(_ token: Token) {
    tokens.append(token)
    tail = tail.dropFirst()
  }

  /// What may follow a position of ``guessed``.
  private func guess(at position: Int) -> LogDistribution {
    let logits = workspace.guesses.row(position - guessed.lowerBound)
    return LogDistribution(
      UnsafeBufferPointer(start: logits, count: model.shape.vocabulary), kernels: kernels)
  }
}
