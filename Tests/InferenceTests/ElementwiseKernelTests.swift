import CKernels
import Foundation
import Quantization
import TestModels
import Testing

/// The kernels that work element by element or along a row, against plain formulas in double precision; and
/// every set against the others, bit for bit.
@Suite struct ElementwiseKernelTests {
  static let lengths = [1, 2, 15, 16, 17, 31, 64, 100, 576, 1000]

  /// Runs `kernel` on a copy of `input` with each set, checks that all leave the same bits, and returns them.
  static func run(_ input: [Float], _ kernel: (pare_kernels, UnsafeMutablePointer<Float>) -> Void) -> [Float]
  {
    let results = Kernels.available.map { set in
      var copy = input + [12345]  // nothing is written past the end
      copy.withUnsafeMutableBufferPointer { kernel(set.table.pointee, $0.baseAddress!) }
      #expect(copy.removeLast() == 12345, "\(set.name)")
      return copy
    }
    for (set, result) in zip(Kernels.available, results) {
      #expect(differences(result, results[0]) == 0, "\(set.name), \(input.count) elements")
    }
    return results[0]
  }

  static func expect(
    _ actual: [Float], _ expected: [Double], within relative: Double, _ label: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(actual.count == expected.count, sourceLocation: sourceLocation)
    for (i, (actual, expected)) in zip(actual, expected).enumerated() {
      let error = abs(Double(actual) - expected)
      #expect(
        error <= relative * max(1, abs(expected)), "\(label) element \(i)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: lengths)
  func rmsNorm(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    let x = random.gaussians(n, scale: 3), weight = random.gaussians(n)
    let mean = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
    let factor = 1 / (mean + 1e-5).squareRoot()
    Self.expect(
      Self.run(x) { $0.rms_norm($1, weight, Int32(n), 1e-5, $1) },
      zip(x, weight).map { Double($0) * factor * Double($1) }, within: 1e-6)
    Self.expect(
      Self.run(x) { $0.rms_norm($1, nil, Int32(n), 1e-5, $1) }, x.map { Double($0) * factor }, within: 1e-6)
    #expect(
      Self.run(Array(repeating: 0, count: n)) { $0.rms_norm($1, weight, Int32(n), 1e-5, $1) }.allSatisfy {
        $0 == 0
      })
  }

  @Test(arguments: lengths)
  func layerNorm(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    let x = random.gaussians(n, scale: 3).map { $0 + 1 }, weight = random.gaussians(n),
      bias = random.gaussians(n)
    let mean = x.reduce(0.0) { $0 + Double($1) } / Double(n)
    let variance = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(n)
    let expected = zip(x, weight).map { (Double($0) - mean) / (variance + 1e-5).squareRoot() * Double($1) }
    Self.expect(
      Self.run(x) { $0.layer_norm($1, weight, bias, Int32(n), 1e-5, $1) },
      zip(expected, bias).map { $0 + Double($1) }, within: 4e-6)
    Self.expect(Self.run(x) { $0.layer_norm($1, weight, nil, Int32(n), 1e-5, $1) }, expected, within: 4e-6)
  }

  @Test(arguments: lengths)
  func sums(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    let stream = random.gaussians(n), delta = random.gaussians(n)
    let after = zip(stream, delta).map { Double($0) + 0.75 * Double($1) }
    let dot = zip(stream, after).reduce(0.0) { $0 + Double($1.0) * $1.1 }
    let before2 = stream.reduce(0.0) { $0 + Double($1) * Double($1) }
    let after2 = after.reduce(0.0) { $0 + $1 * $1 }
    var sums = [Float](repeating: 0, count: 3)
    Self.expect(
      Self.run(stream) { set, x in
        set.residual_add(x, delta, Int32(n), 0.75, &sums)
        Self.expect(sums, [dot, before2, after2], within: 3e-6 * (before2 + after2), "sums,")
      }, after, within: 1e-6)
    Self.expect(Self.run(stream) { $0.residual_add($1, delta, Int32(n), 0.75, nil) }, after, within: 1e-6)
    _ = Self.run(stream) { set, x in
      set.compare(x, delta, Int32(n), &sums)
      let dot = zip(stream, delta).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let delta2 = delta.reduce(0.0) { $0 + Double($1) * Double($1) }
      Self.expect(sums, [dot, before2, delta2], within: 3e-6 * (before2 + delta2), "compared,")
    }
    Self.expect(
      Self.run(stream) { $0.add($1, delta, Int32(n)) }, zip(stream, delta).map { Double($0) + Double($1) },
      within: 1e-7)
  }

  @Test(arguments: lengths)
  func gates(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    let up = random.gaussians(n)
    var x = random.gaussians(n, scale: 4)
    x[0] = [0, -100, 100, -20, 20][n % 5]
    func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }
    func gelu(_ x: Double) -> Double {
      0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
    func relu2(_ x: Double) -> Double { max(x, 0) * max(x, 0) }
    let formulas = [(PARE_GATE_SILU, silu), (PARE_GATE_GELU, gelu), (PARE_GATE_RELU2, relu2)]
    for (kind, formula) in formulas {
      Self.expect(
        Self.run(x) { $0.gate($1, up, Int32(n), Int32(kind)) },
        zip(x, up).map { formula(Double($0)) * Double($1) }, within: 2e-6, "kind \(kind)")
      Self.expect(
        Self.run(x) { $0.gate($1, nil, Int32(n), Int32(kind)) }, x.map { formula(Double($0)) }, within: 2e-6,
        "kind \(kind) alone")
    }
  }

  @Test(arguments: [2, 16, 32, 64, 128, 256])
  func rope(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    let head = random.gaussians(width)
    for pairs in Set([width / 2, width / 4, 1]) where pairs > 0 {
      let angles = (0..<pairs).map { _ in Double(random.float(-100...100)) }
      let cosines = angles.map { Float(cos($0)) }, sines = angles.map { Float(sin($0)) }
      for kind in [PARE_ROPE_ADJACENT, PARE_ROPE_HALVES] {
        var expected = head.map(Double.init)
        for pair in 0..<pairs {
          let (i, j) = kind == PARE_ROPE_ADJACENT ? (2 * pair, 2 * pair + 1) : (pair, pair + pairs)
          let a = Double(head[i]), b = Double(head[j])
          expected[i] = a * cos(angles[pair]) - b * sin(angles[pair])
          expected[j] = a * sin(angles[pair]) + b * cos(angles[pair])
        }
        Self.expect(
          Self.run(head) { $0.rope($1, cosines, sines, Int32(pairs), Int32(kind)) }, expected,
          within: 1e-6, "\(pairs) pairs, \(kind)")
      }
    }
  }

  @Test(arguments: lengths)
  func logSumExp(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    for scale: Float in [0.01, 3, 40] {
      var x = random.gaussians(n, scale: scale).map { $0 - 5 }
      let peak = random.int(0...n - 1)
      x[peak] = x.max()!  // the maximum may be there twice: the first counts
      let expected = log(x.reduce(0.0) { $0 + exp(Double($1)) })
      for set in Kernels.available {
        var index: Int32 = -1, entropy: Float = -1
        let value = set.table.pointee.log_sum_exp(x, Int32(n), &index, &entropy)
        #expect(abs(Double(value) - expected) < 2e-6 * max(1, abs(expected)), "\(set.name)")
        #expect(Int(index) == x.firstIndex(of: x.max()!))
        #expect(set.table.pointee.log_sum_exp(x, Int32(n), nil, nil) == value)
        let expectedEntropy = x.reduce(0.0) {
          let p = exp(Double($1) - expected)
          return p > 0 ? $0 - p * (Double($1) - expected) : $0
        }
        #expect(abs(Double(entropy) - expectedEntropy) < 1e-5 * max(1, expectedEntropy), "\(set.name)")
      }
    }
  }

  @Test(arguments: lengths)
  func divergence(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    for scale: Float in [0.01, 3, 40] {
      let a = random.gaussians(n, scale: scale), b = random.gaussians(n, scale: scale).map { $0 + 7 }
      let p = logSoftmax(a), q = logSoftmax(b)
      let expected = zip(p, q).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) }
      let values = Kernels.available.map { set in
        let kernels = set.table.pointee
        let (totalA, totalB) = (
          kernels.log_sum_exp(a, Int32(n), nil, nil), kernels.log_sum_exp(b, Int32(n), nil, nil)
        )
        return kernels.divergence(a, b, Int32(n), totalA, totalB)
      }
      #expect(abs(Double(values[0]) - expected) < 1e-5 * max(1, expected))
      #expect(values.allSatisfy { $0 == values[0] })
    }
  }

  /// Tokens impossible under the first distribution weigh nothing; one that only the second excludes makes
  /// the divergence infinite.
  @Test func divergenceOfTheImpossible() {
    for set in Kernels.available.map(\.table.pointee) {
      let all: [Float] = [0, 0], half: [Float] = [0, -.infinity]
      let total = Float(log(2.0))
      #expect(abs(set.divergence(half, all, 2, 0, total) - total) < 1e-6)
      #expect(set.divergence(all, half, 2, total, 0) == .infinity)
      #expect(set.divergence([.nan, 0], all, 2, total, total).isNaN)
    }
  }

  @Test(arguments: lengths)
  func scaleCap(n: Int) {
    var random = SeededGenerator(seed: UInt64(n))
    let x = random.gaussians(n, scale: 30)
    Self.expect(Self.run(x) { $0.scale_cap($1, Int32(n), 0.5, 0) }, x.map { Double($0) * 0.5 }, within: 1e-7)
    Self.expect(
      Self.run(x) { $0.scale_cap($1, Int32(n), 0.5, 20) }, x.map { 20 * tanh(Double($0) * 0.5 / 20) },
      within: 4e-6)
  }

  /// Every half-precision number, and numbers on and beside the middle between two.
  @Test func halves() {
    var x: [Float] = []
    for bits in UInt16.min...UInt16.max {
      let half = Float(Float16(bitPattern: bits))
      guard half.isFinite else { x.append(half); continue }
      x += [half, (half + half.nextUp) / 2, half * 1.00024414, half * 1.0007]
    }
    x += [65504, 65519.99, 65520, 1e10, -1e10, 1e-8, 2.98e-8, 2.981e-8, -1e-20, .greatestFiniteMagnitude]
    for set in Kernels.available {
      var halves = [UInt16](repeating: 0, count: x.count)
      set.table.pointee.to_half(x, Int32(x.count), &halves)
      let wrong = zip(x, halves).filter { x, half in
        x.isNaN ? !Float16(bitPattern: half).isNaN : half != Float16(x).bitPattern
      }
      #expect(wrong.isEmpty, "\(set.name)")
    }
  }

  @Test func activationCodes() {
    var random = SeededGenerator(seed: 8)
    let x = MultiplyTests.activations(6, 320, using: &random)
    let coded = Kernels.available.map { CodedActivations(x, kernels: $0) }
    for activations in coded {
      #expect(activations.codes.elementsEqual(coded[0].codes))
      for t in 0..<6 {
        for (i, (value, decoded)) in zip(x[t], activations.decoded(t)).enumerated() {
          let scale = Double(activations.groups[(t * 320 + i) / 64].scale)
          #expect(abs(Double(value) - decoded) <= 0.502 * scale)
        }
      }
      for (g, group) in activations.groups.enumerated() {
        let codes = activations.codes[g * 64..<g * 64 + 64].map(Int32.init)
        #expect(codes.map(abs).max() == (group.scale == 0 ? 0 : PARE_CODE_MAX))
        let halves = (0..<4).map { codes[$0 * 16..<$0 * 16 + 16].reduce(0, +) }
        let (a, b, c, d) = group.ihalf, (e, f) = group.isum
        #expect([a, b, c, d] == halves && [e, f] == [halves[0] + halves[1], halves[2] + halves[3]])
        let (p, q, r, s) = group.half, (t, u) = group.sum
        #expect([p, q, r, s, t, u] == [a, b, c, d, e, f].map { group.scale * Float($0) })
      }
    }
  }

  /// Nothing crashes on numbers that are none; they come out as such.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(bad: Float) {
    var x = [Float](repeating: 1, count: 50)
    x[20] = bad
    let ones = [Float](repeating: 1, count: 50)
    for set in Kernels.available.map(\.table.pointee) {
      var sums = [Float](repeating: 0, count: 3), index: Int32 = -1, out = x
      set.rms_norm(x, nil, 50, 1e-5, &out)
      #expect(out.contains { !$0.isFinite || $0 == 0 })
      set.compare(x, ones, 50, &sums)
      #expect(!sums[0].isFinite)
      out = x
      set.gate(&out, ones, 50, Int32(PARE_GATE_SILU))
      #expect(out[19].isFinite && (bad == -.infinity || !out[20].isFinite))
      _ = set.log_sum_exp(x, 50, &index, nil)
      #expect((0..<50).contains(index))
      _ = set.log_sum_exp([Float](repeating: .nan, count: 50), 50, &index, nil)
      #expect((0..<50).contains(index))
    }
  }
}
