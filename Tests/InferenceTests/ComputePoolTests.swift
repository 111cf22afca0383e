import Foundation
import Synchronization
import TestModels
import Testing

@testable import Inference

@Suite struct ComputePoolTests {
  /// How often each unit of work was done.
  private final class Counts: Sendable {
    private let counts: Mutex<[Int]>
    init(_ total: Int) { counts = Mutex(Array(repeating: 0, count: total)) }
    func add(_ units: Range<Int>) { counts.withLock { counts in units.forEach { counts[$0] += 1 } } }
    var all: [Int] { counts.withLock { $0 } }
    var done: Int { all.reduce(0, +) }
  }

  @Test(arguments: 1...4)
  func dividedWorkIsDoneOnce(threads: Int) {
    let pool = ComputePool(threads: threads)
    defer { pool.stop() }
    var random = SeededGenerator(seed: UInt64(threads))
    for _ in 0..<50 {
      let stages = (0..<20).map { _ in (total: random.int(0...70), least: random.int(1...9)) }
      let counts = stages.map { Counts($0.total) }
      pool.run { worker in
        for (stage, counts) in zip(stages, counts) {
          pool.divide(stage.total, worker, least: stage.least) { counts.add($0) }
          pool.barrier()
        }
      }
      for (stage, counts) in zip(stages, counts) {
        #expect(counts.all == Array(repeating: 1, count: stage.total))
      }
    }
  }

  /// One worker is held up in its first piece until all the rest is done, by the others, who begin after it.
  @Test(arguments: 2...4)
  func othersHelpWhoIsLate(threads: Int) {
    let pool = ComputePool(threads: threads), counts = Counts(96), isLate = Atomic(true)
    defer { pool.stop() }
    let deadline = Date.now + 20
    @Sendable func wait(until isDone: () -> Bool) {
      while !isDone() && Date.now < deadline { Thread.sleep(forTimeInterval: 0.001) }
    }
    pool.run { worker in
      if worker != 0 { wait { !isLate.load(ordering: .relaxed) } }
      pool.divide(96, worker, least: 1) { units in
        if worker == 0 && isLate.exchange(false, ordering: .relaxed) {
          wait { counts.done == 96 - units.count }
        }
        counts.add(units)
      }
    }
    #expect(counts.all == Array(repeating: 1, count: 96))
    #expect(Date.now < deadline)
  }

  /// The last worker is held up for long; the next runs do without it, and all of their work is done.
  @Test(arguments: 2...4)
  func runsDoWithoutWhoIsLate(threads: Int) {
    let pool = ComputePool(threads: threads)
    defer { pool.stop() }
    pool.run { worker in
      if worker == threads - 1 { Thread.sleep(forTimeInterval: 0.1) }
      pool.barrier()
    }
    let counts = Counts(64), workers = Counts(threads)
    pool.run { worker in
      workers.add(worker..<worker + 1)
      pool.divide(64, worker, least: 1) { counts.add($0) }
      pool.barrier()
    }
    #expect(workers.all == Array(repeating: 1, count: threads - 1) + [0])
    #expect(counts.all == Array(repeating: 1, count: 64))
  }

  /// Where workers do not meet, as when they pack weights from a disk, nobody waits for who is late.
  @Test func runsOutOfStepAreNotJudged() {
    let pool = ComputePool(threads: 2)
    defer { pool.stop() }
    pool.run { worker in
      if worker == 1 { Thread.sleep(forTimeInterval: 0.1) }
    }
    let workers = Counts(2)
    pool.run { worker in workers.add(worker..<worker + 1) }
    #expect(workers.all == [1, 1])
  }

  /// Whoever was left out takes part again, and a pool in which some are left out can be ended.
  @Test func whoWasLeftOutComesBack() {
    let pool = ComputePool(threads: 3), deadline = Date.now + 20
    func workersOfARun(late: Int? = nil) -> [Int] {
      let workers = Counts(3)
      pool.run { worker in
        workers.add(worker..<worker + 1)
        if worker == late { Thread.sleep(forTimeInterval: 0.1) }
        pool.barrier()
      }
      return workers.all
    }
    _ = workersOfARun(late: 1)
    #expect(workersOfARun() == [1, 1, 0])
    while workersOfARun() != [1, 1, 1] && Date.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
    #expect(Date.now < deadline)
    _ = workersOfARun(late: 1)
    pool.stop()
  }
}
