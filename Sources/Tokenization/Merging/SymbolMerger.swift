import HeapModule

/// A source of merges: the merge, if any, of two neighbouring symbols.
protocol MergeRanking {
  /// - Parameters:
  ///   - left: The token of the left symbol, negative if it is none of the vocabulary.
  ///   - right: The token of the right symbol.
  ///   - text: The range of both in the text.
  func merge(_ left: Token, _ right: Token, _ text: Range<Int>) -> Merge
}

/// Joins neighbouring symbols of a word, the best merge first and the leftmost of equals, until none is left.
struct SymbolMerger {
  /// The symbols' tokens; negative where a symbol is none of the vocabulary.
  private(set) var tokens: [Token] = []
  /// The offset at which each symbol begins in the text.
  private(set) var starts: [Int] = []
  /// The offset at which the last symbol ends.
  private(set) var end = 0
  /// `merges[i]` joins the symbols i and i + 1.
  private var merges: [Merge] = []

  /// Up to so many symbols a linear search for the best merge is faster than a heap.
  private static let shortWord = 48

  mutating func removeAll() {
    tokens.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    merges.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func append(_ token: Token, _ range: Range<Int>) {
    tokens.append(token)
    starts.append(range.lowerBound)
    end = range.upperBound
  }

  /// The bytes of a symbol in the text.
  func range(_ index: Int) -> Range<Int> {
    starts[index]..<(index + 1 < starts.count ? starts[index + 1] : end)
  }

  @inline(__always)
  mutating func merge(_ ranking: some MergeRanking) {
    guard tokens.count > 1 else { return }
    for index in 0..<tokens.count - 1 { merges.append(rank(index, ranking)) }
    if tokens.count <= Self.shortWord { mergeShort(ranking) } else { mergeLong(ranking) }
  }

  @inline(__always)
  private func rank(_ index: Int, _ ranking: some MergeRanking) -> Merge {
    ranking.merge(tokens[index], tokens[index + 1], starts[index]..<range(index + 1).upperBound)
  }

  private mutating func mergeShort(_ ranking: some MergeRanking) {
    while true {
      var best = Merge.none
      var place = 0
      for index in merges.indices where merges[index].rank < best.rank {
        best = merges[index]
        place = index
      }
      if best == .none { return }
      tokens[place] = best.token
      tokens.remove(at: place + 1)
      starts.remove(at: place + 1)
      merges.remove(at: place)
      if place > 0 { merges[place - 1] = rank(place - 1, ranking) }
      if place < merges.count { merges[place] = rank(place, ranking) }
    }
  }

  /// A merge that waits in the heap. It is void if the symbols at its place merge otherwise by now.
  private struct Candidate: Comparable {
    let merge: Merge
    let place: Int

    static func < (left: Candidate, right: Candidate) -> Bool {
      left.merge.rank != right.merge.rank ? left.merge.rank < right.merge.rank : left.place < right.place
    }
  }

  private mutating func mergeLong(_ ranking: some MergeRanking) {
    let count = tokens.count
    var next = Array(1...count)
    var previous = Array(-1..<count - 1)
    merges.append(.none)
    var heap = Heap(
      merges.indices.lazy.filter { [merges] in merges[$0] != .none }
        .map { [merges] in Candidate(merge: merges[$0], place: $0) })

    func reconsider(_ left: Int) {
      let right = next[left]
      merges[left] = .none
      guard right < count else { return }
      let stop = next[right] < count ? starts[next[right]] : end
      merges[left] = ranking.merge(tokens[left], tokens[right], starts[left]..<stop)
      if merges[left] != .none { heap.insert(Candidate(merge: merges[left], place: left)) }
    }
    while let best = heap.popMin() {
      let place = best.place
      guard merges[place] == best.merge else { continue }
      let gone = next[place]
      tokens[place] = best.merge.token
      merges[gone] = .none
      next[place] = next[gone]
      if next[place] < count { previous[next[place]] = place }
      if previous[place] >= 0 { reconsider(previous[place]) }
      reconsider(place)
    }

    var kept = 0
    var place = 0
    while place < count {
      tokens[kept] = tokens[place]
      starts[kept] = starts[place]
      kept += 1
      place = next[place]
    }
    tokens.removeSubrange(kept...)
    starts.removeSubrange(kept...)
  }
}
