import CKernels
import Quantization
import Tokenization

/// The distribution over the vocabulary that logits stand for, in natural logarithms.
public struct LogDistribution {
  let logits: UnsafeBufferPointer<Float>
  private let total: Float
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

  /// - Parameter parts: all of them, whoever summed them up.
  init(
    _ logits: UnsafeBufferPointer<Float>, _ parts: UnsafeBufferPointer<Part>,
    _ kernels: UnsafePointer<pare_kernels>
  ) {
    self.logits = logits
    total = withUnsafeTemporaryAllocation(of: Float.self, capacity: parts.count) { totals in
      _ = totals.initialize(from: parts.lazy.map(\.total))
      return kernels.pointee.log_sum_exp(totals.baseAddress, Int32(parts.count), nil)
    }
    var likeliest: Token = 0, highest = -Float.infinity
    for part in parts where logits[Int(part.likeliest)] > highest {
      (likeliest, highest) = (part.likeliest, logits[Int(part.likeliest)])
    }
    self.likeliest = likeliest
  }

  /// The logarithm of the sum of some neighbours' exponentials: workers share the vocabulary by such parts, and what
  /// comes out is the same however many they are.
  struct Part {
    let total: Float
    let likeliest: Token

    private static let size = 2048

    static func count(of logits: Int) -> Int { (logits + size - 1) / size }

    init(_ index: Int, of logits: UnsafeBufferPointer<Float>, _ kernels: UnsafePointer<pare_kernels>) {
      let columns = index * Self.size..<min(logits.count, (index + 1) * Self.size)
      var likeliest: Int32 = 0
      total = kernels.pointee.log_sum_exp(
        logits.baseAddress! + columns.lowerBound, Int32(columns.count), &likeliest)
      self.likeliest = Token(columns.lowerBound) + likeliest
    }
  }

  public var count: Int { logits.count }

  /// Log-probability of a token, in nats.
  public subscript(token: Token) -> Float { logits[Int(token)] - total }
}
