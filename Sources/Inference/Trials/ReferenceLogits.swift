import CKernels
import Foundation
import Quantization
import Tokenization

/// The baseline's logits after every token of a text [token][vocabulary], and comparisons of others with
/// them.
final class ReferenceLogits: @unchecked Sendable {  // rows are written and read by disjoint workers
  /// The comparison at one token of the text.
  struct Comparison {
    var kl: Float = 0
    var hasSameTop = false
    /// Log-probability of the token that follows.
    var logProbability: Float = 0
  }

  private let vocabulary: Int
  private let logits: UnsafeMutablePointer<Float>
  private let totals: UnsafeMutablePointer<Float>
  private let likeliest: UnsafeMutablePointer<Int32>
  private let comparisons: UnsafeMutablePointer<Comparison>
  private let pool: ComputePool
  private let kernels: UnsafePointer<pare_kernels>

  /// - Throws: ``TrialError`` when so many tokens take more than a third of the machine's memory.
  init(tokens count: Int, vocabulary: Int, pool: ComputePool, kernels: Kernels) throws {
    let bytes = count * vocabulary * MemoryLayout<Float>.stride
    guard bytes < MemoryLimit.machine.bytes / 3 else {
      throw TrialError.memory(tokens: count, bytes: bytes)
    }
    self.vocabulary = vocabulary
    self.pool = pool
    self.kernels = kernels.table
    logits = .allocate(capacity: count * vocabulary)
    totals = allocateZeroed(count)
    likeliest = allocateZeroed(count)
    comparisons = .allocate(capacity: count)
    comparisons.initialize(repeating: Comparison(), count: count)
  }

  deinit {
    logits.deallocate()
    totals.deallocate()
    likeliest.deallocate()
    comparisons.deallocate()
  }

  /// Keeps `rows` logits, `stride` apart, as those of the tokens from `first` on.
  func keep(_ source: UnsafePointer<Float>, stride: Int, rows: Int, first: Int) {
    let source = UncheckedBox(source)
    pool.run { [self] worker in
      for row in pool.share(rows, worker) {
        let own = logits + (first + row) * vocabulary
        own.update(from: source.value + row * stride, count: vocabulary)
        totals[first + row] = kernels.pointee.log_sum_exp(
          own, Int32(vocabulary), likeliest + first + row, nil)
      }
    }
  }

  /// Compares logits of the tokens from `first` on with those that were kept.
  ///
  /// - Parameter next: The token that follows each; nil where none does.
  func compare(_ source: UnsafePointer<Float>, stride: Int, first: Int, next: [Token?]) {
    let source = UncheckedBox(source)
    pool.run { [self] worker in
      for row in pool.share(next.count, worker) {
        let own = source.value + row * stride
        var top: Int32 = 0
        let total = kernels.pointee.log_sum_exp(own, Int32(vocabulary), &top, nil)
        let kl = kernels.pointee.divergence(
          logits + (first + row) * vocabulary, own, Int32(vocabulary), totals[first + row], total)
        comparisons[first + row] = Comparison(
          kl: kl.clampedBelow, hasSameTop: top == likeliest[first + row],
          logProbability: next[row].map { own[Int($0)] - total } ?? 0)
      }
    }
  }

  /// The mean damage over tokens, from their last comparison; `scored` of them had a next token.
  func damage(of tokens: Range<Int>, scored: Int) -> Damage {
    var kl = 0.0, log = 0.0, same = 0
    let count = tokens.count
    for comparison in UnsafeBufferPointer(start: comparisons + tokens.lowerBound, count: count) {
      kl += Double(comparison.kl)
      log += Double(comparison.logProbability)
      same += comparison.hasSameTop ? 1 : 0
    }
    return Damage(
      kl: kl / Double(count), perplexity: exp(-log / Double(max(1, scored))),
      sameTop: kl.isNaN ? .nan : Double(same) / Double(count))
  }
}

/// A text that plans cannot be tried on.
public enum TrialError: Error, CustomStringConvertible, Hashable {
  case tooShort
  case memory(tokens: Int, bytes: Int)

  public var description: String {
    switch self {
    case .tooShort: "the text is too short to measure on: it takes two tokens at least"
    case .memory(let tokens, let bytes):
      "measuring over \(tokens) tokens takes \(bytes >> 20) MiB of memory: use fewer (-n)"
    }
  }
}
