import GGUF
import Quantization
import Testing

@Suite struct HadamardTests {
  /// Widths of models and of heads, and orders of both constructions.
  static let sizes = [
    1, 2, 4, 8, 64, 128, 256, 12, 20, 24, 28, 36, 44, 52, 60, 72, 76, 80, 84, 96, 108, 112, 140, 160, 288,
    576, 640, 896, 960, 1536, 1664, 2048, 3072,
  ]

  /// R as rows: the images of the unit vectors.
  private func rows(_ hadamard: Hadamard) -> [[Float]] {
    (0..<hadamard.size).map { i in
      var unit = [Float](repeating: 0, count: hadamard.size)
      unit[i] = 1
      return hadamard.applied(to: unit)
    }
  }

  @Test(arguments: sizes)
  func isOrthogonalWithEqualEntries(size: Int) {
    let hadamard = Hadamard(size: size), rows = rows(hadamard), entry = 1 / Float(hadamard.block).squareRoot()
    #expect(hadamard.block == (size == 52 ? 4 : size))
    for (i, row) in rows.enumerated() {
      let block = i / hadamard.block * hadamard.block..<(i / hadamard.block + 1) * hadamard.block
      #expect(row.enumerated().allSatisfy { abs(abs($1) - (block.contains($0) ? entry : 0)) < 1e-6 })
      for j in size <= 640 ? 0...i : max(0, i - 2)...i {
        let product = zip(row, rows[j]).reduce(0) { $0 + $1.0 * $1.1 }
        if abs(product - (i == j ? 1 : 0)) > 1e-4 { Issue.record("rows \(i) and \(j): \(product)") }
      }
    }
  }

  @Test(arguments: [(172, 4), (13, 1), (26, 2), (104, 104), (312, 312)])
  func blocks(size: Int, block: Int) { #expect(Hadamard(size: size).block == block) }

  /// Many vectors at once, in whatever layout, give the bits of one alone.
  @Test(arguments: [(576, 1), (576, 37), (24, 700), (128, 5), (128, 256), (52, 3)])
  func lanes(size: Int, lanes: Int) {
    let hadamard = Hadamard(size: size)
    func element(_ i: Int, _ lane: Int) -> Float {
      let number = (i * 7919 + lane * 104_729) % 2003
      return Float(number) / 1000 - 1
    }
    let vectors: [[Float]] = (0..<lanes).map { lane in (0..<2 * size).map { element($0, lane) } }
    var sideBySide: [Float] = (0..<2 * size).flatMap { i in vectors.map { $0[i] } }
    sideBySide.withUnsafeMutableBufferPointer {
      hadamard.apply(to: $0.baseAddress!, count: 2 * size, lanes: lanes)
    }
    for (lane, vector) in vectors.enumerated() {
      let alone = hadamard.applied(to: Array(vector[..<size])) + hadamard.applied(to: Array(vector[size...]))
      let together: [Float] = (0..<2 * size).map { sideBySide[$0 * lanes + lane] }
      #expect(alone == together)
    }
  }
}
