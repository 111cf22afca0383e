extension Importance {
  /// Adds the squares of `count` rows, the worker's share of the columns.
  func add(_ rows: Activations, count: Int, at site: Site, _ pool: ComputePool, _ worker: Int) {
    guard let sums = sums[site] else { return }
    for column in pool.share(sums.count, worker) {
      for row in 0..<count { sums[column] += rows.row(row)[column] * rows.row(row)[column] }
    }
  }
}
