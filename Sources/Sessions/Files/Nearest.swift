/// The names that the user may have meant by `text`, nearest first.
func nearest(to text: String, among names: [String], atMost count: Int = 3) -> [String] {
  let wanted = Array(text.lowercased().prefix(100))
  let ranked = names.map { name -> (name: String, distance: Int) in
    let candidate = Array(name.lowercased().prefix(100))
    // A part of the name is as good as a spelling mistake.
    let isPart = !wanted.isEmpty && name.lowercased().contains(text.lowercased())
    return (name, isPart ? 0 : editDistance(wanted, candidate))
  }
  return ranked.filter { $0.distance <= max(2, wanted.count / 3) }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    .prefix(count).map(\.name)
}

/// Levenshtein's distance: insertions, deletions and replacements from `a` to `b`.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
