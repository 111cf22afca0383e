import Analysis
import Inference
import Sessions

/// Measuring and searching: the analysis under way, and the results.
struct AnalysisState: Sendable {
  /// nil when nothing is under way.
  var running: (any AnalysisRequest)?
  /// What the user asked for while something ran in the background; it begins when that has ended.
  var next: (any AnalysisRequest)?
  /// Whether the one that runs was told to stop by the program itself.
  var isGivenUp = false
  var progress: WorkProgress?
  /// The newest results, as far as they have come.
  @Versioned var reports = AnalysisReports()
  /// The place of the cursor among the plans that a search found.
  var picked = 0

  /// Whether something runs that the user asked for.
  var isForeground: Bool { next != nil || running.map { !$0.isBackground } ?? false }

  /// Forgets what a new model makes void.
  mutating func forget() {
    reports = AnalysisReports()
    picked = 0
  }
}

/// An analysis as the state asks for it. A new analysis is a job with its report in `Sources/Analysis`, a
/// type like ``DamageRequest`` in a file of its own, and a command.
protocol AnalysisRequest: Sendable {
  /// The words beside the progress bar until the job tells its own: `searching`.
  var activity: String { get }
  /// Makes the job; called outside of the state, so it may read files.
  func prepare(_ directories: Directories) throws -> PreparedAnalysis
  /// Says how it went, and returns what is to be done; `isWhole` is false for an analysis that was stopped.
  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect]
  /// Says why it failed.
  func failed(_ message: String, _ state: inout AppState)
  /// Whether nobody asked for it, so that it makes room for what somebody asks for.
  var isBackground: Bool { get }
}

extension AnalysisRequest {
  var isBackground: Bool { false }
  func failed(_ message: String, _ state: inout AppState) { state.say(.error, message) }
}

/// An analysis ready to run.
struct PreparedAnalysis: Sendable {
  var job: any AnalysisJob
  /// Does what ``Effect/keep(_:)`` asks for with a report of the job.
  var keep: @Sendable (any AnalysisReport) throws -> Void = { _ in }
}

/// A report that changes more of the state than ``AnalysisState/reports``.
protocol ReportWithConsequences: AnalysisReport {
  func change(_ state: inout AppState)
}
