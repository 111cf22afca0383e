/// Least squares with a penalty on the size of the coefficients: W, b = argmin Σ |W n + b − y|² + λ · |W|².
///
/// Sums are taken in a stated order on any number of workers, so that a fit is the same everywhere.
struct RidgeRegression {
  /// λ, as a multiple of the inputs' mean variance summed over the samples.
  var penalty: Double
  let pool: ComputePool

  /// The coefficients [width][width], a row for each output, and the bias [width].
  func fit(_ samples: Samples) -> (rows: [Float], bias: [Float]) {
    let width = samples.width
    let inputMean = samples.mean(samples.inputs), outputMean = samples.mean(samples.outputs)
    var gram = samples.products(samples.inputs, mean: inputMean, pool)
    var rows = samples.products(samples.outputs, mean: outputMean, pool)
    let variance = (0..<width).reduce(0.0) { $0 + gram[$1 * width + $1] } / Double(width)
    for i in 0..<width { gram[i * width + i] += penalty * variance + .leastNormalMagnitude }
    gram.withUnsafeMutableBufferPointer { gram in
      factor(gram.baseAddress!, width)
      rows.withUnsafeMutableBufferPointer { solve(gram.baseAddress!, $0.baseAddress!, width) }
    }
    let bias = (0..<width).map { row in
      outputMean[row] - (0..<width).reduce(0.0) { $0 + rows[row * width + $1] * inputMean[$1] }
    }
    return (rows.map { Float($0) }, bias.map { Float($0) })
  }

  /// A = L Lᵀ in the place of A's lower triangle (Cholesky).
  private func factor(_ a: UnsafeMutablePointer<Double>, _ width: Int) {
    let a = Shared(a)
    pool.run { [pool] worker in
      for j in 0..<width {
        let row = a.pointer + j * width
        if worker == 0 { row[j] = (row[j] - dot(row, row, j)).squareRoot() }
        pool.barrier()
        for i in pool.share(width - j - 1, worker) {
          let other = a.pointer + (j + 1 + i) * width
          other[j] = (other[j] - dot(other, row, j)) / row[j]
        }
        pool.barrier()
      }
    }
  }

  /// Each row x of `b` ← the solution of L Lᵀ x = row.
  private func solve(_ l: UnsafePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ width: Int) {
    let l = Shared(l), b = Shared(b)
    pool.run { [pool] worker in
      for index in pool.share(width, worker) {
        let x = b.pointer + index * width
        for i in 0..<width {
          let row = l.pointer + i * width
          x[i] = (x[i] - dot(row, x, i)) / row[i]
        }
        for i in (0..<width).reversed() {
          let row = l.pointer + i * width
          x[i] /= row[i]
          let factor = x[i]
          for j in 0..<i { x[j] -= factor * row[j] }
        }
      }
    }
  }
}

/// Inputs n and outputs y of a map that is sought: [count][width] each.
struct Samples {
  var inputs: UnsafePointer<Float>
  var outputs: UnsafePointer<Float>
  var count: Int
  var width: Int

  subscript(range: Range<Int>) -> Samples {
    Samples(
      inputs: inputs + range.lowerBound * width, outputs: outputs + range.lowerBound * width,
      count: range.count, width: width)
  }

  func mean(_ values: UnsafePointer<Float>) -> [Double] {
    var sums = [Double](repeating: 0, count: width)
    for t in 0..<count {
      for i in 0..<width { sums[i] += Double(values[t * width + i]) }
    }
    return sums.map { $0 / Double(max(count, 1)) }
  }

  /// Σ (a − ā) nᵀ over the samples, which is Σ (a − ā)(n − n̄)ᵀ: [width][width].
  func products(_ a: UnsafePointer<Float>, mean: [Double], _ pool: ComputePool) -> [Double] {
    var result = [Double](repeating: 0, count: width * width)
    let a = Shared(a), n = Shared(inputs), width = width, count = count
    result.withUnsafeMutableBufferPointer { buffer in
      let result = Shared(buffer.baseAddress!)
      pool.run { worker in
        // Sums of 64 samples in single precision, and of those in double.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { part in
          for i in pool.share(width, worker) {
            let row = result.pointer + i * width, shift = Float(mean[i])
            for start in stride(from: 0, to: count, by: 64) {
              part.initialize(repeating: 0)
              for t in start..<min(start + 64, count) {
                let factor = a.pointer[t * width + i] - shift, other = n.pointer + t * width
                for j in 0..<width { part[j] += factor * other[j] }
              }
              for j in 0..<width { row[j] += Double(part[j]) }
            }
          }
        }
      }
    }
    return result
  }

  /// The share of W n + b that comes closest to y, at most all of it and never less than none.
  func bestShare(rows: [Float], bias: [Float], _ pool: ComputePool) -> Float {
    let mapped = self.mapped(rows: rows, bias: bias, pool)
    var overlap = 0.0, size = 0.0
    for index in 0..<count * width {
      overlap += Double(mapped[index]) * Double(outputs[index])
      size += Double(mapped[index]) * Double(mapped[index])
    }
    return Float(min(1, max(0, overlap / max(size, .leastNormalMagnitude))))
  }

  /// W n + b of every sample: [count][width]. No rows are a W of zeros.
  func mapped(rows: [Float], bias: [Float], _ pool: ComputePool) -> [Float] {
    let width = width, n = Shared(inputs)
    var result = [Float](repeating: 0, count: count * width)
    result.withUnsafeMutableBufferPointer { buffer in
      let result = Shared(buffer.baseAddress!)
      rows.withUnsafeBufferPointer { rows in
        let rows = Shared(rows.isEmpty ? nil : rows.baseAddress)
        pool.run { [count] worker in
          for t in pool.share(count, worker) {
            for i in 0..<width {
              let product = rows.pointer.map { dot($0 + i * width, n.pointer + t * width, width) } ?? 0
              result.pointer[t * width + i] = product + bias[i]
            }
          }
        }
      }
    }
    return result
  }
}

/// ⟨a, b⟩ over `count` elements, in sixteen sums side by side.
@inline(__always)
private func dot<Scalar: BinaryFloatingPoint & SIMDScalar>(
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int
) -> Scalar {
  var sums = SIMD16<Scalar>()
  let whole = count / 16 * 16
  for i in stride(from: 0, to: whole, by: 16) {
    sums +=
      UnsafeRawPointer(a + i).loadUnaligned(as: SIMD16<Scalar>.self)
      * UnsafeRawPointer(b + i).loadUnaligned(as: SIMD16<Scalar>.self)
  }
  return (whole..<count).reduce(sums.sum()) { $0 + a[$1] * b[$1] }
}

/// A pointer that workers share as the stages allow.
private struct Shared<Pointer>: @unchecked Sendable {
  let pointer: Pointer
  init(_ pointer: Pointer) { self.pointer = pointer }
}
