import Foundation

/// Cosines and sines of rotary position embeddings for the tokens of a batch (RoFormer, arXiv 2104.09864).
final class RopeTables: @unchecked Sendable {  // rows are written by disjoint workers
  /// Rotated pairs of a head.
  let pairs: Int
  /// For layers that see everything, and for windowed ones.
  let global: Table
  let local: Table

  struct Table {
    /// Angle per position of each pair.
    let frequencies: [Double]
    /// [t, pairs]
    let cosines, sines: UnsafeMutablePointer<Float>

    init(base: Double, factor: Double, divisors: [Float]?, pairs: Int, batch: Int) {
      frequencies = (0..<pairs).map { pair in
        pow(base, -Double(pair) / Double(pairs)) / factor / Double(divisors?[pair] ?? 1)
      }
      cosines = allocateZeroed(batch * pairs)
      sines = allocateZeroed(batch * pairs)
    }

    func fill(row: Int, position: Int) {
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        cosines[row * frequencies.count + pair] = Float(cos(angle))
        sines[row * frequencies.count + pair] = Float(sin(angle))
      }
    }
  }

  init(_ model: Model, batch: Int) {
    let shape = model.shape
    let pairs = shape.ropeDimensions / 2
    self.pairs = pairs
    var divisors: [Float]?
    if let tensor = model.ropeDivisors {
      divisors = [Float](unsafeUninitializedCapacity: pairs) { buffer, count in
        tensor.type.dequantize(tensor.data, into: UnsafeMutableBufferPointer(rebasing: buffer[..<pairs]))
        count = pairs
      }
    }
    global = Table(
      base: shape.ropeBase, factor: shape.ropeFactor, divisors: divisors, pairs: pairs, batch: batch)
    local = Table(
      base: model.architecture.localRopeBase ?? shape.ropeBase,
      factor: model.architecture.localRopeBase == nil ? shape.ropeFactor : 1,
      divisors: divisors, pairs: pairs, batch: batch)
  }

  deinit {
    for table in [global, local] {
      table.cosines.deallocate()
      table.sines.deallocate()
    }
  }

  func fill(row: Int, position: Int) {
    global.fill(row: row, position: position)
    local.fill(row: row, position: position)
  }
}
