/// An orthogonal matrix whose entries all have the same size, ±1/√n: a Hadamard matrix of order n, scaled.
///
/// n = m·2^k: the Kronecker product of a matrix of order m by one of Paley's constructions and of Sylvester's
/// of order 2^k, so that a product costs m + k operations an element. Where none of these exists (n = 172),
/// blocks of the largest power of two that divides n stand on the diagonal. R. E. A. C. Paley, "On orthogonal
/// matrices", Journal of Mathematics and Physics 12 (1933).
public struct Hadamard: Sendable {
  /// Rows and columns.
  public let size: Int
  /// Size of the blocks on the diagonal; `size` where there is but one.
  public let block: Int
  /// m
  private let order: Int
  /// The factor of order m, row by row, divided by √`block`.
  private let factor: [Float]

  /// The rotation of vectors of `size` elements.
  public init(size: Int) {
    precondition(size > 0)
    self.size = size
    let power = 1 << size.trailingZeroBitCount, odd = size / power
    let orders = sequence(first: odd) { $0 < size ? 2 * $0 : nil }
    let found = orders.lazy.compactMap { order in Self.signs(order: order).map { (order, $0) } }.first
    let signs: [Float]
    (order, signs) = found ?? (1, [1])
    block = found == nil ? power : size
    let scale = 1 / Float(block).squareRoot()
    factor = signs.map { $0 * scale }
  }

  /// v ← Rᵀv, which is v·R for a row, for `lanes` vectors side by side.
  ///
  /// - Parameters:
  ///   - values: [count, lanes], element i of all vectors together.
  ///   - count: A multiple of ``block``; one that is not `size` is taken for several vectors in a row.
  public func apply(to values: UnsafeMutablePointer<Float>, count: Int, lanes: Int = 1) {
    precondition(count % block == 0)
    let run = block / order * lanes
    for start in stride(from: 0, to: count * lanes, by: block * lanes) {
      let values = values + start
      for r in 0..<order { Self.sylvester(values + r * run, run, lanes) }
      mix(values, run)
    }
  }

  /// Rᵀv of one vector of `size` elements.
  public func applied(to values: [Float]) -> [Float] {
    var values = values
    values.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { apply(to: base, count: buffer.count) }
    }
    return values
  }

  /// The fast Walsh–Hadamard transform, without its scale, of `count / lanes` elements.
  private static func sylvester(_ x: UnsafeMutablePointer<Float>, _ count: Int, _ lanes: Int) {
    var half = lanes
    if lanes == 1, count >= 4 {  // steps too short for vectors
      for i in stride(from: 0, to: count, by: 4) {
        let (a, b) = (x[i] + x[i + 1], x[i] - x[i + 1]), (c, d) = (x[i + 2] + x[i + 3], x[i + 2] - x[i + 3])
        (x[i], x[i + 1], x[i + 2], x[i + 3]) = (a + c, b + d, a - c, b - d)
      }
      half = 4
    }
    while half < count {
      for start in stride(from: 0, to: count, by: 2 * half) {
        let low = x + start, high = low + half
        for i in 0..<half {
          let (a, b) = (low[i], high[i])
          low[i] = a + b
          high[i] = a - b
        }
      }
      half *= 2
    }
  }

  /// Multiplies by the factor of order m the `order` runs of values.
  private func mix(_ values: UnsafeMutablePointer<Float>, _ run: Int) {
    guard order > 1 else {
      let scale = factor[0]
      for i in 0..<run { values[i] *= scale }
      return
    }
    withUnsafeTemporaryAllocation(of: SIMD16<Float>.self, capacity: order) { copy in
      factor.withUnsafeBufferPointer { factor in
        guard let copy = copy.baseAddress, let factor = factor.baseAddress else { return }
        for start in stride(from: 0, to: run, by: 16) {
          let count = min(16, run - start)
          for r in 0..<order { copy[r] = Self.load(values + (r * run + start), count) }
          for column in stride(from: 0, to: order, by: 2) {  // orders above 1 are even
            var sums = (SIMD16<Float>.zero, SIMD16<Float>.zero)
            var entry = factor + column
            for r in 0..<order {
              let x = copy[r]
              sums.0 += x * entry[0]
              sums.1 += x * entry[1]
              entry += order
            }
            let out = values + (column * run + start)
            Self.store(sums.0, to: out, count)
            Self.store(sums.1, to: out + run, count)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func load(_ values: UnsafePointer<Float>, _ count: Int) -> SIMD16<Float> {
    if count == 16 { return UnsafeRawPointer(values).loadUnaligned(as: SIMD16<Float>.self) }
    var vector = SIMD16<Float>.zero
    for i in 0..<count { vector[i] = values[i] }
    return vector
  }

  @inline(__always)
  private static func store(_ vector: SIMD16<Float>, to values: UnsafeMutablePointer<Float>, _ count: Int) {
    if count == 16 {
      return UnsafeMutableRawPointer(values).storeBytes(of: vector, as: SIMD16<Float>.self)
    }
    for i in 0..<count { values[i] = vector[i] }
  }
}

// MARK: - Paley's constructions

extension Hadamard {
  /// A matrix of ±1 with orthogonal rows, row by row; nil for an order that the constructions over prime
  /// fields do not reach.
  private static func signs(order: Int) -> [Float]? {
    if order == 1 { return [1] }
    if order % 4 == 0, isPrime(order - 1) {  // I + C
      var signs = conference(prime: order - 1)
      for i in 0..<order { signs[i * order + i] = 1 }
      return signs
    }
    let half = order / 2
    guard order % 8 == 4, isPrime(half - 1) else { return nil }
    // C ⊗ (1 1; 1 −1) + I ⊗ (1 −1; −1 −1)
    let conference = conference(prime: half - 1)
    return (0..<order * order).map { index in
      let row = index / order, column = index % order
      let sign: Float = row % 2 + column % 2 == 2 ? -1 : 1
      return row / 2 == column / 2
        ? (row % 2 + column % 2 == 0 ? 1 : -1) : sign * conference[row / 2 * half + column / 2]
    }
  }

  /// C of order q + 1: 0 on the diagonal, ±1 elsewhere, its rows orthogonal; symmetric where q is 1 modulo 4,
  /// else antisymmetric.
  private static func conference(prime q: Int) -> [Float] {
    var character = [Float](repeating: -1, count: q)  // 1 for squares modulo q
    for i in 1..<q { character[i * i % q] = 1 }
    character[0] = 0
    let order = q + 1
    return (0..<order * order).map { index in
      switch (index / order, index % order) {
      case (0, 0): 0
      case (0, _): 1
      case (_, 0): q % 4 == 1 ? 1 : -1
      case (let row, let column): character[(row - column + q) % q]
      }
    }
  }

  private static func isPrime(_ number: Int) -> Bool {
    number > 1 && !(2...max(2, Int(Double(number).squareRoot()))).contains { $0 < number && number % $0 == 0 }
  }
}
