import CKernels
import Foundation
import Synchronization

/// Threads that run the same function side by side, in step.
///
/// One `run` covers a whole forward pass; inside it the workers meet at barriers, which spin, since a pass
/// has hundreds of them a few microseconds apart. Between runs the workers spin briefly, then sleep.
public final class ComputePool: Sendable {
  /// How many workers there are; the caller of `run` is worker 0.
  public let count: Int

  private let arrived = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)
  private let job = Atomic<Int>(0)
  private let shared: Shared

  /// What the sleeping side needs: guarded by `condition`.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    var body: (@Sendable (Int) -> Void)?
    var stopped = false
    var sleepers = 0
  }

  /// Spins before giving the processor away: long enough for any stage, short enough to stay polite when
  /// there are more threads than processors.
  private static let patience = 4000
  /// Spins between two runs before a worker sleeps, about 50 µs.
  private static let linger = 2000

  public init(threads: Int) {
    count = max(1, threads)
    shared = Shared()
    for worker in 1..<max(count, 1) where worker < count {
      let thread = Thread { [unowned self] in self.work(worker) }
      thread.name = "pare compute \(worker)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// Ends the workers. The pool must not be used afterwards.
  public func stop() {
    shared.condition.lock()
    shared.stopped = true
    job.wrappingAdd(1, ordering: .releasing)
    shared.condition.broadcast()
    shared.condition.unlock()
    barrier()
  }

  /// Runs `body(worker)` on every worker and returns when all are done.
  public func run(_ body: @escaping @Sendable (Int) -> Void) {
    guard count > 1 else { return body(0) }
    shared.condition.lock()
    shared.body = body
    job.wrappingAdd(1, ordering: .releasing)
    if shared.sleepers > 0 { shared.condition.broadcast() }
    shared.condition.unlock()
    body(0)
    barrier()
    // What the work holds on to, often this pool, must not live until the next work comes.
    shared.condition.lock()
    shared.body = nil
    shared.condition.unlock()
  }

  /// Returns when every worker has called it.
  @inline(__always)
  public func barrier() {
    guard count > 1 else { return }
    let now = generation.load(ordering: .relaxed)
    if arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      generation.store(now &+ 1, ordering: .releasing)
      return
    }
    var spins = 0
    while generation.load(ordering: .acquiring) == now {
      spins += 1
      if spins < Self.patience { pare_pause() } else { sched_yield() }
    }
  }

  private func work(_ worker: Int) {
    var done = 0
    while true {
      var spins = 0
      while job.load(ordering: .acquiring) == done && spins < Self.linger {
        spins += 1
        pare_pause()
      }
      shared.condition.lock()
      while job.load(ordering: .acquiring) == done {
        shared.sleepers += 1
        shared.condition.wait()
        shared.sleepers -= 1
      }
      let body = shared.body
      let stopped = shared.stopped
      shared.condition.unlock()
      done += 1
      if stopped { return barrier() }
      body?(worker)
      barrier()
    }
  }

  /// The part of `0..<total` that falls to a worker; parts differ by at most one.
  @inline(__always)
  public func share(_ total: Int, _ worker: Int) -> Range<Int> {
    total * worker / count..<total * (worker + 1) / count
  }

  /// One thread for each physical core this process may use.
  public static var defaultThreads: Int {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    var cores: Set<[String]> = []
    var socket = ""
    for line in text.split(separator: "\n") {
      let value = line.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
      if line.hasPrefix("physical id") { socket = value }
      if line.hasPrefix("core id") { cores.insert([socket, value]) }
    }
    let allowed = ProcessInfo.processInfo.activeProcessorCount
    return cores.isEmpty ? allowed : min(cores.count, allowed)
  }
}
