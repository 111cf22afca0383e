// Slices and iteration.

extension Interpreter {
  func slice(_ object: Object, from: Object, to: Object, step: Object) throws(TemplateError) -> Object {
    func bound(_ object: Object) throws(TemplateError) -> Int? {
      if case .null = object { return nil }
      if case .undefined(let undefined) = object { throw undefined.error }
      guard let index = object.index else {
        throw TemplateError("slices need integers, got \(object.typeName)")
      }
      return index
    }
    let slice = Slice(from: try bound(from), to: try bound(to), step: try bound(step) ?? 1)
    guard slice.step != 0 else { throw TemplateError("the step of a slice cannot be 0") }
    switch object {
    case .undefined(let undefined): throw undefined.error
    case .string(let text):
      if slice.step == 1 {
        try read(bytes: 2 * text.count)
        let bounds = slice.bounds(count: text.scalarCount)
        let start = text.offset(ofScalar: bounds.start)
        let length = text[start..<text.count].offset(ofScalar: max(0, bounds.stop - bounds.start))
        return try makeText(text[start..<start + length])
      }
      try convert(bytes: 2 * text.count)
      let scalars = text.scalars
      return try makeText(Text().joining(slice.indices(count: scalars.count).map { scalars[$0] }))
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      let elements = sequence.elements
      try self.step(elements.count / 16)
      return try makeSequence(slice.indices(count: elements.count).map { elements[$0] }, sequence.kind)
    case .range(let range):
      let bounds = slice.bounds(count: range.count)
      let (step, overflow) = range.step.multipliedReportingOverflow(by: slice.step)
      guard !overflow else { throw TemplateError("an integer does not fit 64 bits") }
      return .range(RangeObject(start: range[bounds.start], stop: range[bounds.stop], step: step))
    default: throw TemplateError("a value of type \(object.typeName) cannot be sliced")
    }
  }

  // MARK: Iteration

  /// Everything that a loop over `object` visits; the steps of visiting it are accounted for.
  func iterate(_ object: Object) throws(TemplateError) -> [Object] {
    switch object {
    case .undefined: return []
    case .string(let text):
      try convert(bytes: text.count)
      try reserve(bytes: text.count * MemoryLayout<Object>.stride)
      return text.scalars.map { .string($0) }
    case .sequence(let sequence):
      try step(sequence.elements.count)
      return sequence.elements
    case .mapping(let mapping):
      try step(mapping.entries.count)
      return mapping.entries.keys.map(\.object)
    case .range(let range):
      try step(range.count)
      try reserve(bytes: range.count * MemoryLayout<Object>.stride)
      return range.elements
    case .iterator(let iterator):
      try step(iterator.remaining.count)
      return iterator.drain()
    default: throw TemplateError("a value of type \(object.typeName) cannot be iterated")
    }
  }
}

/// Python's slices: negative bounds count from the end, and bounds beyond the ends are clamped.
struct Slice {
  var from: Int?
  var to: Int?
  /// Not 0.
  var step: Int

  func bounds(count: Int) -> (start: Int, stop: Int) {
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? count : count - 1
    func clamp(_ index: Int?, _ fallback: Int) -> Int {
      guard let index else { return fallback }
      return min(max(index < 0 ? index + count : index, lowest), highest)
    }
    return step > 0 ? (clamp(from, 0), clamp(to, count)) : (clamp(from, count - 1), clamp(to, -1))
  }

  func indices(count: Int) -> [Int] {
    let (start, stop) = bounds(count: count)
    var indices: [Int] = []
    var index = start
    while step > 0 ? index < stop : index > stop {
      indices.append(index)
      let (next, overflow) = index.addingReportingOverflow(step)
      if overflow { break }
      index = next
    }
    return indices
  }
}
