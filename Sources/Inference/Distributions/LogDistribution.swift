import CKernels
import Foundation
import Quantization
import Tokenization

/// The next-token distribution: log-softmax of logits [vocabulary], in natural logarithms.
public struct LogDistribution {
  let logits: UnsafeBufferPointer<Float>
  /// Natural logarithm of Σ exp(logit).
  let total: Float
  /// Σ −p ln p, in nats.
  public let entropy: Float
  /// The likeliest token; the lowest id among equals.
  public let likeliest: Token

  /// - Parameter logits: Must stay valid while the distribution is used.
  public init(_ logits: UnsafeBufferPointer<Float>, kernels: Kernels) {
    let parts = Part.count(of: logits.count)
    self = withUnsafeTemporaryAllocation(of: Part.self, capacity: parts) { memory in
      for part in 0..<parts { memory.initializeElement(at: part, to: Part(part, of: logits, kernels.table)) }
      return LogDistribution(logits, UnsafeBufferPointer(memory), kernels.table)
    }
  }

  /// - Parameter parts: The partial sums of all parts of the vocabulary, by whichever worker.
  init(
    _ logits: UnsafeBufferPointer<Float>, _ parts: UnsafeBufferPointer<Part>,
    _ kernels: UnsafePointer<pare_kernels>
  ) {
    self.logits = logits
    total = withUnsafeTemporaryAllocation(of: Float.self, capacity: parts.count) { totals in
      _ = totals.initialize(from: parts.lazy.map(\.total))
      return kernels.pointee.log_sum_exp(totals.baseAddress, Int32(parts.count), nil, nil)
    }
    var entropy: Float = 0
    for part in parts {
      // Of a choice among parts, and then within one: the entropies add up.
      let share = exp(part.total - total)
      if share > 0 { entropy += share * (part.entropy + total - part.total) }
    }
    self.entropy = entropy
    var likeliest: Token = 0, highest = -Float.infinity
    for part in parts where logits[Int(part.likeliest)] > highest {
      (likeliest, highest) = (part.likeliest, logits[Int(part.likeliest)])
    }
    self.likeliest = likeliest
  }

  /// A partial log-sum-exp and the entropy of its softmax, over a range of the vocabulary of fixed size: workers
  /// share the ranges, and the result does not depend on their number.
  struct Part {
    let total: Float
    let likeliest: Token
    let entropy: Float

    private static let size = 2048

    static func count(of logits: Int) -> Int { (logits + size - 1) / size }

    init(_ index: Int, of logits: UnsafeBufferPointer<Float>, _ kernels: UnsafePointer<pare_kernels>) {
      let columns = index * Self.size..<min(logits.count, (index + 1) * Self.size)
      var likeliest: Int32 = 0, entropy: Float = 0
      total = kernels.pointee.log_sum_exp(
        logits.baseAddress! + columns.lowerBound, Int32(columns.count), &likeliest, &entropy)
      self.entropy = entropy
      self.likeliest = Token(columns.lowerBound) + likeliest
    }
  }

  /// Whether this is a distribution: false where a logit is NaN or infinite, or none is a number.
  public var isFinite: Bool { total.isFinite }

  /// The size of the vocabulary.
  public var count: Int { logits.count }

  /// Log-probability of a token, in nats.
  public subscript(token: Token) -> Float { logits[Int(token)] - total }
}
