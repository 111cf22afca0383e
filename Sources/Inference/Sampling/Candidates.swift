import Quantization
import Tokenization

/// A token that may come next.
struct Candidate {
  var token: Token
  var logit: Float
  /// exp((logit − highest) / temperature), as of the last weighing.
  var weight = 0.0

  /// The likelier first; among equals the lower token.
  @inline(__always)
  static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
    a.logit != b.logit ? a.logit > b.logit : a.token < b.token
  }
}

/// The candidates for the next token: one list, narrowed in place by one step after the other, which
/// allocates nothing once it has grown.
///
/// After top-k or top-p it is in order, the likeliest first; a list of the whole vocabulary stays in the
/// order of tokens, since sorting it would cost more than all steps together.
struct Candidates {
  private(set) var list: [Candidate] = []
  /// Whether the likeliest come first.
  private(set) var isSorted = false

  var count: Int { list.count }

  /// Top-k: replaces the list by the `k` likeliest of `logits` [vocabulary] that are at least `floor`. NaN is
  /// left out.
  mutating func select(
    top k: Int, of logits: UnsafeBufferPointer<Float>, atLeast floor: Float = -.infinity
  ) {
    list.removeAll(keepingCapacity: true)
    isSorted = false
    var next = 0
    while next < logits.count, list.count < k {
      if logits[next] >= floor { list.append(Candidate(token: Token(next), logit: logits[next])) }
      next += 1
    }
    guard k < logits.count, !list.isEmpty else { return }
    list.withUnsafeMutableBufferPointer { heap in
      heap.heapify { Candidate.precedes($1, $0) }
      heap.improve(with: logits, from: next)
      heap.sortHeap { Candidate.precedes($1, $0) }
    }
    isSorted = true
  }

  /// Weighs every candidate.
  ///
  /// - Returns: The highest logit, and the sum of the weights, which is at least 1.
  @discardableResult
  mutating func weigh(temperature: Float = 1) -> (peak: Float, total: Double) {
    let peak = isSorted ? list[0].logit : list.reduce(-.infinity) { max($0, $1.logit) }
    var total = 0.0
    for index in list.indices {
      let logit = list[index].logit
      // Infinity less infinity is NaN.
      let weight =
        logit == peak
        ? 1 : logit > -.infinity ? PortableMath.exp((Double(logit) - Double(peak)) / Double(temperature)) : 0
      list[index].weight = weight
      total += weight
    }
    return (peak, total)
  }

  /// Keeps the candidates for which `isKept` is true, or the `least` likeliest if those are more; at least
  /// one.
  mutating func keep(least: Int = 1, where isKept: (Candidate) -> Bool) {
    let least = max(1, least)
    guard list.count > least else { return }
    if list.count(where: isKept) >= least { return list.removeAll { !isKept($0) } }
    var count = 0
    keepLikeliest { _ in
      count += 1
      return count >= least
    }
  }

  /// Puts the likeliest first.
  mutating func sort() { keepLikeliest { _ in false } }

  /// Keeps the likeliest, in order, up to the one that `isLast` names.
  mutating func keepLikeliest(until isLast: (Candidate) -> Bool) {
    if isSorted {
      guard let last = list.firstIndex(where: isLast) else { return }
      list.removeLast(list.count - 1 - last)
    } else {
      keepFirst(by: Candidate.precedes, until: isLast)
      isSorted = true
    }
  }

  /// Keeps the first in an order, up to the one that `isLast` names. The rest is never put in order.
  mutating func keepFirst(
    by precedes: (Candidate, Candidate) -> Bool, until isLast: (Candidate) -> Bool
  ) {
    let rest = list.withUnsafeMutableBufferPointer { heap in
      heap.heapify(above: precedes)
      var rest = heap.count
      while rest > 0 {
        rest -= 1
        heap.swapAt(0, rest)
        heap.siftDown(from: 0, count: rest, above: precedes)
        if isLast(heap[rest]) { break }
      }
      return rest
    }
    // The elements removed from the top of the heap lie behind the rest, the first of them at the end.
    list.reverse()
    list.removeLast(rest)
    isSorted = false
  }

  /// Draws one with a probability in proportion to its weight at `temperature`; at 0, the likeliest.
  mutating func draw(
    temperature: Float, _ random: inout SplitMix64
  ) -> (token: Token, probability: Double) {
    guard temperature > 0 else { return (list.min(by: Candidate.precedes)!.token, 1) }
    let total = weigh(temperature: temperature).total
    let target = random.unit() * total
    var sum = 0.0
    for candidate in list {
      sum += candidate.weight
      if sum > target { return (candidate.token, candidate.weight / total) }
    }
    return (list[0].token, 1)  // only where the temperature is no sensible number
  }
}

extension UnsafeMutableBufferPointer<Candidate> {
  /// Orders the elements as a heap: none is above its parent.
  @inline(__always)
  fileprivate func heapify(above: (Candidate, Candidate) -> Bool) {
    for start in stride(from: count / 2 - 1, through: 0, by: -1) {
      siftDown(from: start, count: count, above: above)
    }
  }

  @inline(__always)
  fileprivate func siftDown(from start: Int, count: Int, above: (Candidate, Candidate) -> Bool) {
    guard start < count else { return }
    let element = self[start]
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < count else { break }
      if child + 1 < count, above(self[child + 1], self[child]) { child += 1 }
      guard above(self[child], element) else { break }
      self[place] = self[child]
      place = child
    }
    self[place] = element
  }

  /// Sorts a heap; what is on top comes last.
  @inline(__always)
  fileprivate func sortHeap(above: (Candidate, Candidate) -> Bool) {
    for end in stride(from: count - 1, to: 0, by: -1) {
      swapAt(0, end)
      siftDown(from: 0, count: end, above: above)
    }
  }

  /// Replaces the least likely candidate, which is on top of the heap, by likelier tokens.
  ///
  /// Nearly all logits are too low. Blocks of them are skipped by a count of the higher ones, which the
  /// compiler vectorises.
  fileprivate func improve(with logits: UnsafeBufferPointer<Float>, from start: Int) {
    let block = 64
    for next in stride(from: start, to: logits.count, by: block) {
      if next + block <= logits.count {
        // A bare pointer and a fixed count: bounds checks would prevent vectorisation.
        let values = logits.baseAddress! + next
        let threshold = self[0].logit
        var higher: Int32 = 0
        for index in 0..<block { higher &+= values[index] > threshold ? 1 : 0 }
        if higher == 0 { continue }
      }
      for token in next..<Swift.min(next + block, logits.count) where logits[token] > self[0].logit {
        self[0] = Candidate(token: Token(token), logit: logits[token])
        siftDown(from: 0, count: count) { Candidate.precedes($1, $0) }
      }
    }
  }
}

extension LogDistribution {
  /// The `count` likeliest tokens, likeliest first; the lower id first among equals.
  public func likeliest(_ count: Int) -> [Token] {
    var candidates = Candidates()
    candidates.select(top: count, of: logits)
    candidates.sort()
    return candidates.list.map(\.token)
  }
}
