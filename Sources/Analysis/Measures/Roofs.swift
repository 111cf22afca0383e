import CKernels
import Inference
import Synchronization

/// Bounds of a roofline model: the machine's rates with a number of threads, measured when they are asked
/// for.
public struct Roofs: Sendable, Hashable {
  /// Bytes read from memory a second.
  public var readBytesPerSecond: Double
  /// Multiply-adds of 8-bit numbers a second, by 256-bit instructions without dot products.
  public var int8PerSecond: Double
  /// Fused multiply-adds of f32 a second, by 256-bit instructions.
  public var fmaPerSecond: Double

  /// Bytes that the measurement reads: more than caches hold.
  private static let bytes = 512 << 20
  private static let tries = 5

  /// Measures; that takes about a second, and 512 MB of memory.
  public init(threads: Int) {
    let pool = ComputePool(threads: threads)
    defer { pool.stop() }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.bytes, alignment: 1 << 21)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 1, count: Self.bytes)
    let address = UInt(bitPattern: memory)
    readBytesPerSecond = Self.best(pool) { worker in
      let part = pool.share(Self.bytes / 4096, worker)
      let start = UnsafePointer<UInt8>(bitPattern: address + UInt(part.lowerBound * 4096))!
      return pare_roof_read(start, part.count * 4096) == .min ? 0 : Double(part.count * 4096)
    }
    int8PerSecond = Self.best(pool) { _ in
      var result: Int32 = 0
      return pare_roof_int8(1_000_000, &result)
    }
    fmaPerSecond = Self.best(pool) { _ in
      var result: Float = 0
      return pare_roof_fma(1_000_000, &result)
    }
  }

  /// The higher of each.
  public func better(of other: Roofs) -> Roofs {
    var best = self
    best.readBytesPerSecond = max(readBytesPerSecond, other.readBytesPerSecond)
    best.int8PerSecond = max(int8PerSecond, other.int8PerSecond)
    best.fmaPerSecond = max(fmaPerSecond, other.fmaPerSecond)
    return best
  }

  /// The best rate of several tries: all workers' units over the time that they took together.
  private static func best(_ pool: ComputePool, _ work: @escaping @Sendable (Int) -> Double) -> Double {
    let clock = ContinuousClock()
    return (0..<tries).map { _ in
      let units = Mutex(0.0)
      let time = clock.measure {
        pool.run { worker in
          let done = work(worker)
          units.withLock { $0 += done }
        }
      }
      return units.withLock { $0 } / time.seconds
    }.max() ?? 0
  }
}
