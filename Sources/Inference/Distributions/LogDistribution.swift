import CKernels
import Quantization
import Tokenization

/// The distribution over the vocabulary that logits stand for, in natural logarithms.
public struct LogDistribution {
  private let logits: UnsafeBufferPointer<Float>
  private let total: Float
  /// The likeliest token; the lowest id among equals.
  public let likeliest: Token

  /// - Parameter logits: Must stay valid while the distribution is used.
  public init(_ logits: UnsafeBufferPointer<Float>, kernels: Kernels) {
    self.logits = logits
    var index: Int32 = 0
    total = kernels.table.pointee.log_sum_exp(logits.baseAddress, Int32(logits.count), &index)
    likeliest = index
  }

  public var count: Int { logits.count }

  /// Log-probability of a token, in nats.
  public subscript(token: Token) -> Float { logits[Int(token)] - total }

  /// The `count` likeliest tokens, likeliest first; the lower id first among equals.
  public func likeliest(_ count: Int) -> [Token] { likeliestTokens(count, of: logits) }
}
