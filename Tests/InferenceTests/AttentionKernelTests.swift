import CKernels
import Foundation
import Quantization
import TestModels
import Testing

/// Attention of blocks of queries, against softmax written out in double precision.
@Suite struct AttentionKernelTests {
  struct Job {
    var keyWidth: Int
    var valueWidth: Int
    var positions: Int
    /// The first and last position each query sees.
    var seen: [ClosedRange<Int>]
    var softCap: Float = 0
    var sink: Float = -.infinity
    var keyBits = 16
    var valueBits = 16
  }

  struct Inputs {
    /// Rows of a position each.
    var keys: [[Float]]
    var values: [[Float]]
    var queries: [[Float]]

    init(_ job: Job, spread: Float, using random: inout SeededGenerator) {
      keys = (0..<job.positions).map { _ in random.gaussians(job.keyWidth, scale: spread) }
      values = (0..<job.positions).map { _ in random.gaussians(job.valueWidth) }
      queries = job.seen.map { _ in random.gaussians(job.keyWidth) }
    }
  }

  /// Tiles of keys and values as a kernel set writes them; what was never written is not a number.
  static func tiles(_ job: Job, _ inputs: Inputs, _ kernels: Kernels) -> (keys: [UInt8], values: [UInt8]) {
    let tiles = (job.positions + 15) / 16
    func unwritten(_ bits: Int, _ width: Int) -> [UInt8] {
      Array(repeating: 0x7E, count: tiles * pare_kv_tile_bytes(Int32(bits), Int32(width)))
    }
    var keys = unwritten(job.keyBits, job.keyWidth), values = unwritten(job.valueBits, job.valueWidth)
    for position in 0..<job.positions {
      kernels.table.pointee.store_key(
        Int32(job.keyBits), inputs.keys[position], Int32(job.keyWidth), &keys, Int32(position))
      kernels.table.pointee.store_value(
        Int32(job.valueBits), inputs.values[position], Int32(job.valueWidth), &values, Int32(position))
    }
    return (keys, values)
  }

  static func attend(_ job: Job, _ inputs: Inputs, _ kernels: Kernels) -> [[Float]] {
    let (keys, values) = tiles(job, inputs, kernels)
    let outputs = AttentionJob(
      keyTiles: keys, keyBits: job.keyBits, keyWidth: job.keyWidth, valueTiles: values,
      valueBits: job.valueBits,
      valueWidth: job.valueWidth, queries: inputs.queries.flatMap { $0 }, seen: job.seen,
      softCap: job.softCap,
      sink: job.sink
    ).run(kernels.table.pointee)
    return job.seen.indices.map { Array(outputs[$0 * job.valueWidth..<($0 + 1) * job.valueWidth]) }
  }

  static func plain(_ job: Job, _ inputs: Inputs) -> [[Double]] {
    zip(job.seen, inputs.queries).map { seen, query in
      var weights = seen.map { position in
        let dot = zip(query, inputs.keys[position]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let score = dot / Double(job.keyWidth).squareRoot(), cap = Double(job.softCap)
        return cap > 0 ? cap * tanh(score / cap) : score
      }
      let peak = max(weights.max()!, Double(job.sink))
      weights = weights.map { exp($0 - peak) }
      let total = weights.reduce(exp(Double(job.sink) - peak), +)
      return (0..<job.valueWidth).map { i in
        zip(seen, weights).reduce(0.0) { $0 + $1.1 / total * Double(inputs.values[$1.0][i]) }
      }
    }
  }

  /// The values of a row's codes: groups of 32 share a scale, which is rounded to f16 before codes are
  /// chosen.
  static func rounded(_ row: [Float], bits: Int) -> [Float] {
    stride(from: 0, to: row.count, by: 32).flatMap { start -> [Float] in
      let group = row[start..<min(start + 32, row.count)]
      guard bits < 16 else { return group.map { Float(Float16($0)) } }
      let largest = group.max { abs($0) < abs($1) }!
      let scale = Float(Float16(bits == 8 ? largest / 127 : largest / -8)),
        highest: Float = bits == 8 ? 127 : 7
      return group.map {
        min(max(($0 * (1 / scale)).rounded(.toNearestOrEven), -highest - 1), highest) * scale
      }
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func agreesWithPlainSoftmax(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let positions = random.int(1...random.int(1...700))
    let seen = (0..<random.int(1...Int(PARE_QUERY_BLOCK))).map { _ in
      let last = random.int(0...positions - 1)
      return (Bool.random(using: &random) ? 0 : random.int(0...last))...last
    }
    let job = Job(
      keyWidth: random.int(1...128), valueWidth: random.int(1...128), positions: positions, seen: seen,
      softCap: seed % 3 == 0 ? 5 : 0, sink: [-.infinity, -1, 2, 100][Int(seed / 12 % 4)],
      keyBits: [16, 8, 4, 8][Int(seed / 3 % 4)],
      valueBits: [16, 8, 4, 4][Int(seed / 3 % 4)])
    let inputs = Inputs(job, spread: [0.1, 1, 8][Int(seed % 3)], using: &random)
    var held = inputs
    held.keys = inputs.keys.map { Self.rounded($0, bits: job.keyBits) }
    held.values = inputs.values.map { Self.rounded($0, bits: job.valueBits) }
    let expected = Self.plain(job, held)
    var first: [[Float]]?
    let written = Self.tiles(job, inputs, Kernels.best)
    for kernels in Kernels.available {
      #expect(Self.tiles(job, inputs, kernels) == written, "\(kernels.name), \(job)")
      let actual = Self.attend(job, inputs, kernels)
      for (q, (actual, expected)) in zip(actual, expected).enumerated() {
        ElementwiseKernelTests.expect(actual, expected, within: 2e-5, "\(kernels.name), \(job), query \(q)")
      }
      // A query's result does not depend on which others are computed with it, nor on the kernel set.
      for q in job.seen.indices {
        var alone = job, input = inputs
        alone.seen = [job.seen[q]]
        input.queries = [inputs.queries[q]]
        #expect(differences(Self.attend(alone, input, kernels)[0], actual[q]) == 0, "\(kernels.name), \(job)")
      }
      #expect(differences(actual.joined(), (first ?? actual).joined()) == 0, "\(kernels.name), \(job)")
      first = first ?? actual
    }
  }

  /// Scores that would overflow exp, and one position that outweighs all others.
  @Test func extremeScores() {
    var random = SeededGenerator(seed: 1)
    let job = Job(keyWidth: 32, valueWidth: 32, positions: 40, seen: [0...39, 0...20, 5...5])
    var inputs = Inputs(job, spread: 1, using: &random)
    inputs.queries = inputs.queries.map { $0.map { $0 * 1e4 } }
    let expected = Self.plain(job, inputs)
    for kernels in Kernels.available {
      for (actual, expected) in zip(Self.attend(job, inputs, kernels), expected) {
        ElementwiseKernelTests.expect(actual, expected, within: 1e-3, kernels.name)
      }
    }
  }
}
