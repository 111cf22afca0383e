import Dispatch
import Foundation

/// A matrix of floats, row after row. Never changes once it is made.
package final class Rows: @unchecked Sendable {  // written in init alone
  package let count: Int
  package let width: Int
  private let values: UnsafeMutablePointer<Float>

  /// Calls `fill` with each row, zeros at first, on all processors.
  package init(
    count: Int, width: Int, fill: @Sendable (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void
  ) {
    self.count = count
    self.width = width
    values = .allocate(capacity: count * width)
    values.initialize(repeating: 0, count: count * width)
    nonisolated(unsafe) let start = values  // each row is written by one thread
    let chunk = 8
    DispatchQueue.concurrentPerform(iterations: (count + chunk - 1) / chunk) { part in
      for index in part * chunk..<min((part + 1) * chunk, count) { fill(index, start + index * width) }
    }
  }

  deinit { values.deallocate() }

  /// The address of a row, valid while the matrix lives.
  package func pointer(_ row: Int) -> UnsafePointer<Float> { UnsafePointer(values + row * width) }

  package subscript(row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: pointer(row), count: width)
  }

  package func map(_ transform: @Sendable (Float) -> Float) -> Rows {
    Rows(count: count, width: width) { index, out in
      for i in 0..<width { out[i] = transform(self[index][i]) }
    }
  }

  package func combined(with other: Rows, _ combine: @Sendable (Float, Float) -> Float) -> Rows {
    Rows(count: count, width: width) { index, out in
      for i in 0..<width { out[i] = combine(self[index][i], other[index][i]) }
    }
  }

  package func transposed() -> Rows {
    Rows(count: width, width: count) { index, out in
      for i in 0..<count { out[i] = self[i][index] }
    }
  }

  /// Cosine between each row and that of `other`.
  package func cosines(_ other: Rows) -> [Double] {
    (0..<count).map { index in
      var dot = 0.0, a2 = 0.0, b2 = 0.0
      for (a, b) in zip(self[index], other[index]) {
        dot += Double(a) * Double(b)
        a2 += Double(a) * Double(a)
        b2 += Double(b) * Double(b)
      }
      return dot / (a2 * b2).squareRoot()
    }
  }

  /// Logits as log-probabilities in nats.
  package func logSoftmax() -> Rows {
    Rows(count: count, width: width) { index, out in
      let row = self[index]
      let peak = row.reduce(-Float.infinity, max)
      let offset = Double(peak) + log(row.reduce(0.0) { $0 + exp(Double($1 - peak)) })
      for i in 0..<width { out[i] = Float(Double(row[i]) - offset) }
    }
  }
}
