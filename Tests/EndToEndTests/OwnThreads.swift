import Dispatch
import Testing

/// Threads for tests that look at a program while it runs. On the threads of Swift's own pool, which hundreds of other
/// tests keep busy, the next look could come a minute later, when what was to be seen has gone.
final class OwnThreads: TaskExecutor {
  static let shared = OwnThreads()
  private let queue = DispatchQueue(label: "tests of terminals", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// Runs tests on ``OwnThreads``.
struct OwnThreadsTrait: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(OwnThreads.shared) { try await function() }
  }
}

extension Trait where Self == OwnThreadsTrait {
  /// The test's own threads, however busy the other tests are.
  static var ownThreads: Self { Self() }
}
