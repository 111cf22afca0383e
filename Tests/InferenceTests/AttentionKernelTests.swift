import CKernels
import Foundation
import Quantization
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
  }

  /// Keys and values as halves, rows of a position each; and queries.
  struct Inputs {
    var keys: [[Float16]]
    var values: [[Float16]]
    var queries: [[Float]]

    init(_ job: Job, spread: Float, using random: inout SeededGenerator) {
      keys = (0..<job.positions).map { _ in random.gaussians(job.keyWidth, scale: spread).map { Float16($0) }
      }
      values = (0..<job.positions).map { _ in random.gaussians(job.valueWidth).map { Float16($0) } }
      queries = job.seen.map { _ in random.gaussians(job.keyWidth) }
    }
  }

  static func attend(_ job: Job, _ inputs: Inputs, _ kernels: Kernels) -> [[Float]] {
    let padded = (job.positions + 15) / 16 * 16
    // What lies past the last position is not looked at, whatever it is.
    var keys = [UInt16](repeating: 0x7E00, count: padded * job.keyWidth)
    let valueStride = (job.valueWidth + 15) / 16 * 16
    var values = [UInt16](repeating: 0x7E00, count: padded * valueStride)
    for position in 0..<job.positions {
      for i in 0..<job.keyWidth {
        keys[position / 16 * 16 * job.keyWidth + i * 16 + position % 16] = inputs.keys[position][i].bitPattern
      }
      for i in 0..<job.valueWidth {
        values[position * valueStride + i] = inputs.values[position][i].bitPattern
      }
    }
    let count = job.seen.count
    var queries = inputs.queries.flatMap { $0 }
    var outputs = [Float](repeating: .nan, count: count * job.valueWidth)
    var scores = [Float](repeating: .nan, count: Int(PARE_QUERY_BLOCK) * padded)
    keys.withUnsafeBufferPointer { keys in
      values.withUnsafeBufferPointer { values in
        queries.withUnsafeMutableBufferPointer { queries in
          outputs.withUnsafeMutableBufferPointer { outputs in
            scores.withUnsafeMutableBufferPointer { scores in
              var attention = pare_attention()
              attention.keys = keys.baseAddress
              attention.values = values.baseAddress
              attention.count = Int32(count)
              attention.key_width = Int32(job.keyWidth)
              attention.value_width = Int32(job.valueWidth)
              attention.value_stride = Int32(valueStride)
              attention.scale = 1 / Float(job.keyWidth).squareRoot()
              attention.soft_cap = job.softCap
              attention.scores = scores.baseAddress
              attention.score_stride = Int32(padded)
              withUnsafeMutableBytes(of: &attention.queries) { bytes in
                let pointers = bytes.assumingMemoryBound(to: UnsafePointer<Float>?.self)
                for q in 0..<count { pointers[q] = UnsafePointer(queries.baseAddress! + q * job.keyWidth) }
              }
              withUnsafeMutableBytes(of: &attention.outputs) { bytes in
                let pointers = bytes.assumingMemoryBound(to: UnsafeMutablePointer<Float>?.self)
                for q in 0..<count { pointers[q] = outputs.baseAddress! + q * job.valueWidth }
              }
              withUnsafeMutableBytes(of: &attention.first) { bytes in
                for (q, seen) in job.seen.enumerated() {
                  bytes.assumingMemoryBound(to: Int32.self)[q] = Int32(seen.lowerBound)
                }
              }
              withUnsafeMutableBytes(of: &attention.last) { bytes in
                for (q, seen) in job.seen.enumerated() {
                  bytes.assumingMemoryBound(to: Int32.self)[q] = Int32(seen.upperBound)
                }
              }
              kernels.table.pointee.attend(&attention)
            }
          }
        }
      }
    }
    return (0..<count).map { Array(outputs[$0 * job.valueWidth..<($0 + 1) * job.valueWidth]) }
  }

  static func plain(_ job: Job, _ inputs: Inputs) -> [[Double]] {
    zip(job.seen, inputs.queries).map { seen, query in
      var weights = seen.map { position in
        let dot = zip(query, inputs.keys[position]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let score = dot / Double(job.keyWidth).squareRoot(), cap = Double(job.softCap)
        return cap > 0 ? cap * tanh(score / cap) : score
      }
      let peak = weights.max()!
      weights = weights.map { exp($0 - peak) }
      let total = weights.reduce(0, +)
      return (0..<job.valueWidth).map { i in
        zip(seen, weights).reduce(0.0) { $0 + $1.1 / total * Double(inputs.values[$1.0][i]) }
      }
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func agreesWithPlainSoftmax(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let positions = random.int(1...random.int(1...300))
    let seen = (0..<random.int(1...Int(PARE_QUERY_BLOCK))).map { _ in
      let last = random.int(0...positions - 1)
      return (Bool.random(using: &random) ? 0 : random.int(0...last))...last
    }
    let job = Job(
      keyWidth: random.int(1...128), valueWidth: random.int(1...128), positions: positions, seen: seen,
      softCap: seed % 3 == 0 ? 5 : 0)
    let inputs = Inputs(job, spread: [0.1, 1, 8][Int(seed % 3)], using: &random)
    let expected = Self.plain(job, inputs)
    var first: [[Float]]?
    for kernels in Kernels.available {
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
