import Inference

/// The indices of an axis that are shown, and how many of them share a place.
struct HeatmapSlots: Sendable {
  /// Indices that are not filtered out, ascending.
  let order: [Int]
  let pooled: Int

  init(_ axis: HeatmapAxis, filter: LayerFilter, plan: Plan, pooled: Int) {
    order =
      filter == .all
      ? Array(0..<axis.count)
      : (0..<axis.count).filter { axis.layer($0).map { filter.shows($0, plan) } ?? true }
    self.pooled = axis.kind.isText ? pooled : 1
  }

  var count: Int { (order.count + pooled - 1) / pooled }

  func indices(_ slot: Int) -> ArraySlice<Int> {
    order[slot * pooled..<min((slot + 1) * pooled, order.count)]
  }

  /// The slot of an index, or of the next that is shown.
  func slot(of index: Int) -> Int {
    let place = order.partitioningIndex { $0 >= index }
    return min(place, order.count - 1) / pooled
  }
}

extension Array {
  /// The first index of what holds for all after it.
  fileprivate func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
    var low = 0, high = count
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
