import Tokenization

extension InferenceContext {
  /// The number of `sequence`'s first tokens that the text begins with.
  public func reusable(_ sequence: [Token]) -> Int {
    zip(tokens, sequence).prefix { $0 == $1 }.count
  }

  /// The number of `sequence`'s first tokens that are in the cache.
  private func cached(_ sequence: [Token]) -> Int {
    let common = reusable(sequence)
    guard common == tokens.count else { return common }
    return common + zip(tail, sequence[common...]).prefix { $0 == $1 }.count
  }

  /// The number of tokens in the cache.
  var cachedCount: Int { tokens.count + tail.count }

  /// The work of ``read(_:progress:)`` for `sequence`, in tokens: a token of which only the upper
  /// half of the layers must be computed counts half.
  public func work(toRead sequence: [Token]) -> Double {
    let common = cached(sequence), layers = Double(model.shape.layers)
    let partial = max(0, min(common, keptPositions) - validPositions)
    let whole = sequence.count - max(min(validPositions, common), min(common, keptPositions))
    return Double(whole) + Double(partial) * (layers - Double(validLayers)) / layers
  }

  /// The number of `sequence`'s tokens less ``work(toRead:)``, rounded down: the tokens that need no work.
  public func reusedTokens(of sequence: [Token]) -> Int {
    sequence.count - Int(work(toRead: sequence).rounded(.up))
  }

  var keptPositions: Int { checkpoints?.positions ?? 0 }

  /// Reads `sequence` and returns the logits after its last token: [vocabulary], valid until the next call.
  ///
  /// - Parameter progress: Called before each layer of each batch with the fraction that is done; false
  ///   stops.
  /// - Throws: ``ContextError`` when the sequence is longer than the cache; `CancellationError`, after which
  ///   the part that was read stays usable.
  @discardableResult
  public func read(
    _ sequence: [Token], progress: (Double) -> Bool = { _ in true }
  ) throws -> UnsafeBufferPointer<Float> {
    guard let last = sequence.indices.last else { throw ContextError.empty }
    let common = cached(sequence)
    turn(to: common, keepsTail: common == sequence.count)
    if validPositions >= sequence.count {
      // The logits of a token that was read before follow from its checkpoint; without one it is read again.
      if last < keptPositions {
        restoreEnd(last..<last + 1)
        return logits(ofRow: 0)
      }
      validPositions = last
    }
    var row = 0
    try advance(sequence, progress: progress) { row = $0.count - 1 }
    return logits(ofRow: row)
  }

  /// Reads one more token after those in the cache, and returns the logits after it: [vocabulary], valid
  /// until the next call.
  ///
  /// - Throws: ``ContextError`` when the cache is full.
  public func append(_ token: Token) throws -> UnsafeBufferPointer<Float> { try step(token).next.logits }

  /// Reads `sequence` as one text.
  ///
  /// - Parameters:
  ///   - first: The index of the first token whose logits are wanted.
  ///   - each: Called with the logits [vocabulary] after each token from there on, in order.
  /// - Throws: ``ContextError``; `CancellationError`; errors of `each`.
  public func readAll(
    _ sequence: [Token], from first: Int = 0, progress: (Double) -> Bool = { _ in true },
    each: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let common = cached(sequence), ready = min(common, validPositions, keptPositions)
    // Positions without a checkpoint are read again for their logits.
    turn(to: ready < validPositions ? min(max(ready, first), common) : common)
    for start in stride(from: first, to: ready, by: Workspace.logitRows) {
      let positions = start..<min(start + Workspace.logitRows, ready)
      restoreEnd(positions)
      try hand(positions, to: each)
    }
    try advance(sequence, progress: progress) { try hand($0, from: first, to: each) }
  }

  /// Hands out the logits of `positions`, as far as they are not before `first`; their streams are the first
  /// rows of the workspace.
  private func hand(
    _ positions: Range<Int>, from first: Int = 0,
    to each: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    for start in stride(
      from: max(0, first - positions.lowerBound), to: positions.count, by: Workspace.logitRows)
    {
      let chunk = start..<min(start + Workspace.logitRows, positions.count)
      transformer.computeLogits(rows: chunk)
      for row in chunk { try each(positions.lowerBound + row, transformer.logits(row: row - start)) }
    }
  }

  /// Whether all tokens of the text are valid under the plan.
  public var isUpToDate: Bool { validPositions >= tokens.count }

  /// Puts `sequence` into the cache, as far as there is room, without computing its new tokens:
  /// ``catchUp(_:)`` does.
  public func expect(_ sequence: [Token]) {
    turn(to: cached(sequence))
    guard tokens.count < min(sequence.count, capacity) else { return }
    tokens += sequence[tokens.count..<min(sequence.count, capacity)]
    validLayers = 0
  }

  /// Computes up to `count` of the text's tokens that are not valid.
  ///
  /// - Returns: false where that is not possible, since the model's file is gone.
  public func catchUp(_ count: Int) -> Bool {
    let end = min(validPositions + count, tokens.count)
    do { try advance(Array(tokens[..<end]), progress: { _ in true }) { _ in } } catch { return false }
    return true
  }

  /// Empties the cache.
  public func forget() { turn(to: 0) }

  /// Makes the first `count` tokens in the cache the text.
  ///
  /// - Parameter keepsTail: Whether the others stay, for a text that may go on with them.
  func turn(to count: Int, keepsTail: Bool = false) {
    guessed = 0..<0
    let more = count - tokens.count
    if more < 0 {
      tail = tokens[count...] + tail
      tokens.removeLast(-more)
    } else {
      tokens += tail.prefix(more)
      tail = tail.dropFirst(more)
    }
    if !keepsTail { cutTail(to: 0) }
  }

  /// Drops what is in the cache after the first `count` tokens of the tail.
  func cutTail(to count: Int) {
    tail = tail.prefix(count)
    validPositions = min(validPositions, cache.rewind(to: cachedCount))
    if validPositions == cachedCount { validLayers = model.shape.layers }
    guessed = guessed.clamped(to: 0..<max(guessed.lowerBound, cachedCount))
  }

  /// The logits after one row of the stream in the workspace.
  private func logits(ofRow row: Int) -> UnsafeBufferPointer<Float> {
    transformer.computeLogits(rows: row..<row + 1)
    return transformer.logits(row: 0)
  }

  /// x ← the streams of `positions` after the last layer, in the first rows.
  func restoreEnd(_ positions: Range<Int>) {
    checkpoints?.restore(layer: model.shape.layers, positions: positions, into: workspace.stream.start)
  }

  /// Makes all of `sequence`, which begins with the tokens in the cache, valid in all layers, a batch at a
  /// time.
  ///
  /// - Parameter done: Called after each batch with its positions; their streams are the workspace's first
  ///   rows.
  private func advance(
    _ sequence: [Token], progress: (Double) -> Bool,
    done: (_ positions: Range<Int>) throws -> Void
  ) throws {
    guard sequence.count <= capacity else {
      throw ContextError.full(needed: sequence.count, capacity: capacity)
    }
    let first = validPositions, total = Double(sequence.count - validPositions)
    while validPositions < sequence.count {
      let start = validPositions
      let positions = try compute(sequence[start...]) {
        progress((Double(start - first) + $0) / total)
      }
      if positions.upperBound > cachedCount { tokens += sequence[cachedCount..<positions.upperBound] }
      becomeValid(through: positions.upperBound)
      try done(positions)
    }
    _ = progress(1)  // all is done, so that there is nothing to stop
  }

  /// Computes the first positions that are not valid in all layers, at most a batch of them, whose streams are
  /// then the workspace's first rows.
  ///
  /// - Parameters:
  ///   - tokens: Those from that position on.
  ///   - progress: Called before each layer with the number of tokens that are done; false stops.
  /// - Returns: The positions that were computed. They, and what is in the cache, are the caller's to note.
  func compute(_ tokens: ArraySlice<Token>, progress: (Double) -> Bool) throws -> Range<Int> {
    let start = validPositions, isPartlyValid = start < min(cachedCount, keptPositions)
    let bound = isPartlyValid ? min(cachedCount, keptPositions) : .max
    let end = min(start + min(tokens.count, Workspace.batch), bound)
    prefault(through: end)
    recordedPositions = max(recordedPositions, end)
    let firstLayer = isPartlyValid ? validLayers : 0
    if firstLayer > 0 {
      checkpoints?.restore(layer: firstLayer, positions: start..<end, into: workspace.stream.start)
    }
    try tokens.withUnsafeBufferPointer { buffer in
      let batch = Batch(
        start: firstLayer > 0 ? .stream(before: firstLayer) : .tokens(buffer.baseAddress!),
        count: end - start, position: start)
      try transformer.run(batch) { progress($0 * Double(end - start)) }
    }
    try model.file.checkMapping()
    return start..<end
  }

  /// Notes that the first `count` tokens in the cache are valid in all layers.
  func becomeValid(through count: Int) {
    validPositions = count
    if count == cachedCount { validLayers = model.shape.layers }
  }
}
