import Foundation

/// What a token's position decides: cosines and sines of rotary position embeddings (RoFormer, arXiv
/// 2104.09864) and the temperature of attention, for the tokens of a batch.
final class RopeTables: @unchecked Sendable {  // rows are written by disjoint workers
  /// For layers that see everything, and for windowed ones.
  let global: Table
  let local: Table
  /// The factors of queries [t].
  let queryFactors: UnsafeMutablePointer<Float>
  private let temperature: Double
  private let originalContext: Int

  struct Table {  // of pointers alone: to count references, workers would wait for each other
    /// Rotated pairs of a head.
    var pairs: Int { frequencies.count }
    /// Angle per position of each pair.
    let frequencies: UnsafeMutableBufferPointer<Double>
    let magnitude: Double
    /// [t, pairs]
    let cosines, sines: UnsafeMutablePointer<Float>

    init(base: Double, scaling: RopeScaling, divisors: [Float]?, pairs: Int, batch: Int) {
      frequencies = .allocate(capacity: pairs)
      _ = frequencies.initialize(
        fromContentsOf: scaling.frequencies(base: base, pairs: pairs, divisors: divisors))
      magnitude = scaling.magnitude
      cosines = allocateZeroed(batch * pairs)
      sines = allocateZeroed(batch * pairs)
    }

    func fill(row: Int, position: Int) {
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        cosines[row * frequencies.count + pair] = Float(cos(angle) * magnitude)
        sines[row * frequencies.count + pair] = Float(sin(angle) * magnitude)
      }
    }
  }

  init(_ model: Model, batch: Int, capacity: Int) {
    let shape = model.shape
    let pairs = shape.ropeDimensions / 2
    let divisors = model.ropeDivisors(capacity: capacity)
    queryFactors = allocateZeroed(batch)
    temperature = Double(shape.attentionTemperature)
    originalContext = shape.ropeScaling.originalContext
    global = Table(
      base: shape.ropeBase, scaling: shape.ropeScaling, divisors: divisors, pairs: pairs, batch: batch)
    local = Table(
      base: shape.localRopeBase, scaling: shape.localRopeScaling, divisors: divisors, pairs: pairs,
      batch: batch)
  }

  deinit {
    queryFactors.deallocate()
    for table in [global, local] {
      table.frequencies.deallocate()
      table.cosines.deallocate()
      table.sines.deallocate()
    }
  }

  /// nil for layers that do not rotate.
  @inline(__always)
  func table(_ rope: LayerShape.Rope) -> Table? {
    switch rope {
    case .none: nil
    case .local: local
    case .global: global
    }
  }

  func fill(row: Int, position: Int) {
    global.fill(row: row, position: position)
    local.fill(row: row, position: position)
    queryFactors[row] = Float(1 + temperature * log(Double(position / originalContext + 1)))
  }
}
