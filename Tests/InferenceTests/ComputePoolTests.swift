import Foundation
import Synchronization
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
}
