import CKernels
import Foundation
import Synchronization

/// A pool of threads that run the same function in parallel.
///
/// One `run` covers a whole forward pass; inside it the workers synchronise at barriers, which spin, since a
/// pass has hundreds of them a few microseconds apart, and sleep when one worker is late. Between runs the
/// workers spin briefly, then sleep. While other programs preempt workers, fewer take part (``Crew``).
public final class ComputePool: Sendable {
  /// The number of workers; the caller of `run` is worker 0.
  public let threads: Int

  private let inRun: Atomic<Int>
  private let meeting: Barrier
  private let shares: Shares
  private let job = Atomic<Int>(0)
  /// Nanoseconds for which workers were preempted in the run under way, summed over workers.
  private let kept = Atomic<Int>(0)
  private let shared: Shared
  /// The condition on which workers wait that do not take part.
  private let leftOut = NSCondition()

  /// The state for sleeping workers, guarded by `condition`.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    var body: (@Sendable (Int) -> Void)?
    var stopped = false
    var sleepers = 0
    var crew: Crew
    init(threads: Int) { crew = Crew(most: threads) }
  }

  /// Lives until the last worker has left it, which may be after the pool.
  private final class Barrier: @unchecked Sendable {  // made for many threads
    let pointer: OpaquePointer
    init(count: Int) { pointer = pare_barrier_new(Int32(count)) }
    deinit { pare_barrier_free(pointer) }
    @inline(__always) func wait() { pare_barrier_wait(pointer) }
  }

  /// The ranges of a stage that each worker has left, for work stealing.
  private final class Shares: @unchecked Sendable {  // made for many threads
    let pointer: OpaquePointer
    init(count: Int) { pointer = pare_shares_new(Int32(count)) }
    deinit { pare_shares_free(pointer) }
  }

  /// Spins between two runs before a worker sleeps, some 200 to 400 µs: sampling and reporting a token takes
  /// 50, and a wakeup costs as much again.
  private static let linger = 10_000

  /// Starts `threads` − 1 threads; ``stop()`` must end them.
  public init(threads: Int) {
    self.threads = max(1, threads)
    inRun = Atomic(self.threads)
    meeting = Barrier(count: self.threads)
    shares = Shares(count: self.threads)
    shared = Shared(threads: self.threads)
    for worker in 1..<self.threads {
      let thread = Thread { [unowned self] in self.work(worker) }
      thread.name = "pare compute \(worker)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// The number of workers that take part in the run under way.
  @inline(__always)
  public var count: Int { inRun.load(ordering: .relaxed) }

  /// Ends the workers. The pool must not be used afterwards.
  public func stop() {
    shared.condition.lock()
    shared.stopped = true
    call(threads)
    shared.condition.unlock()
    barrier()
  }

  /// Runs `body(worker)` on every worker that takes part and returns when all are done.
  public func run(_ body: @escaping @Sendable (Int) -> Void) {
    guard threads > 1 else { return body(0) }
    let start = ContinuousClock.now, meetings = pare_barrier_meetings(meeting.pointer)
    shared.condition.lock()
    shared.body = body
    call(shared.crew.count)
    shared.condition.unlock()
    perform(body, 0)
    // The objects that the closure retains, often this pool, must not live until the next run.
    shared.condition.lock()
    shared.body = nil
    let lost = Duration.nanoseconds(kept.exchange(0, ordering: .relaxed))
    // Without a barrier inside the run no worker had to wait for another.
    let isInStep = pare_barrier_meetings(meeting.pointer) &- meetings > 1
    shared.crew.hasRun(from: start, to: .now, kept: isInStep ? lost : nil)
    shared.condition.unlock()
  }

  /// A worker's part of a run.
  private func perform(_ body: @Sendable (Int) -> Void, _ worker: Int) {
    guard count > 1 else { return body(worker) }
    let start = ContinuousClock.now, before = pare_thread_time()
    body(worker)
    let had = Duration.nanoseconds(pare_thread_time() - before)
    kept.add(Int((ContinuousClock.now - start - had) / .nanoseconds(1)), ordering: .relaxed)
    meeting.wait()
  }

  /// Starts the first `count` workers; the caller holds the lock, and no run is under way.
  private func call(_ count: Int) {
    if count != self.count {
      pare_barrier_set_count(meeting.pointer, Int32(count))
      leftOut.lock()
      inRun.store(count, ordering: .relaxed)
      leftOut.broadcast()
      leftOut.unlock()
    }
    guard count > 1 else { return }
    job.wrappingAdd(1, ordering: .releasing)
    if shared.sleepers > 0 { shared.condition.broadcast() }
  }

  /// A barrier: returns when every worker that takes part has called it.
  @inline(__always)
  public func barrier() {
    if count > 1 { meeting.wait() }
  }

  private func work(_ worker: Int) {
    let meeting = meeting
    var seen = 0
    while true {
      if worker >= count { waitAside(worker) }
      var spins = 0
      while job.load(ordering: .acquiring) == seen && spins < Self.linger {
        spins += 1
        pare_pause()
      }
      shared.condition.lock()
      while job.load(ordering: .acquiring) == seen {
        shared.sleepers += 1
        shared.condition.wait()
        shared.sleepers -= 1
      }
      seen = job.load(ordering: .relaxed)
      let body = worker < count ? shared.body : nil
      let stopped = shared.stopped
      shared.condition.unlock()
      if stopped { return meeting.wait() }
      guard let body else { continue }  // a run without this worker, or one that is over
      perform(body, worker)
    }
  }

  private func waitAside(_ worker: Int) {
    leftOut.lock()
    while worker >= count { leftOut.wait() }
    leftOut.unlock()
  }

  /// The share of `0..<total` of a worker; the sizes of shares differ by at most one.
  @inline(__always)
  public func share(_ total: Int, _ worker: Int) -> Range<Int> {
    total * worker / count..<total * (worker + 1) / count
  }

  /// Divides `0..<total` among the workers with work stealing: each does its own share first, then parts of
  /// the shares that others have left, so that one slow worker does not delay all. Every worker must call it,
  /// and ``barrier()`` before the next time.
  ///
  /// - Parameter least: The smallest piece of work.
  @inline(__always)
  func divide(_ total: Int, _ worker: Int, least: Int, _ work: (Range<Int>) -> Void) {
    let own = share(total, worker)
    guard count > 1 else { return work(own) }
    pare_shares_set(shares.pointer, Int32(worker), Int32(own.lowerBound), Int32(own.upperBound))
    var first: Int32 = 0
    while case let n = pare_shares_claim(shares.pointer, Int32(worker), Int32(least), &first), n > 0 {
      work(Int(first)..<Int(first + n))
    }
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
    return cores.isEmpty ? processors : min(cores.count, processors)
  }

  /// The number of processors that this process may run on; more threads than these only wait for each other.
  public static var processors: Int { Int(pare_processors()) }
}
