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
  public func likeliest(_ count: Int) -> [Token] {
    func precedes(_ a: Token, _ b: Token) -> Bool {
      let x = logits[Int(a)], y = logits[Int(b)]
      return x != y ? x > y : a < b
    }
    guard count > 0 else { return [] }
    var kept: [Token] = []
    var threshold = -Float.infinity
    for index in logits.indices where logits[index] > threshold || kept.count < count {
      kept.append(Token(index))
      guard kept.count == 2 * count else { continue }
      kept.sort(by: precedes)
      kept.removeLast(count)
      threshold = logits[Int(kept[count - 1])]
    }
    return Array(kept.sorted(by: precedes).prefix(count))
  }
}
