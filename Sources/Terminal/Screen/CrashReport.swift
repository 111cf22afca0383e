import CTerminal
import Foundation
import IO
import Synchronization

/// What a crash leaves behind: a terminal as it was, a line on stderr, and in a file a report with the version,
/// the work under way, and the place.
///
/// Swift's runtime has reports of its own, which on a terminal wait for a key; they come after this one, for
/// whoever sets `SWIFT_BACKTRACE`.
public enum CrashReport {
  /// What the report names beside the place.
  public enum Subject: String, CaseIterable, Sendable { case command, model, plan }

  private static let subjects = Mutex<[Subject: String]>([:])

  /// From now on crashes are reported.
  ///
  /// - Parameters:
  ///   - program: Its name and version.
  ///   - path: The file that reports are added to; its folders are made when there is one.
  public static func install(program: String, path: String) {
    let goesOn = ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] != nil
    ct_crash_catch(program, path, goesOn)
  }

  /// Has an overflow of the calling thread's stack reported too; done already for the thread of
  /// ``install(program:path:)``.
  public static func coverThread() { ct_crash_cover_thread() }

  /// Sets what a report says of a subject from now on.
  public static func set(_ subject: Subject, _ text: String) {
    subjects.withLock { subjects in
      guard subjects[subject] != text else { return }
      subjects[subject] = text
      let lines = Subject.allCases.compactMap { subject in
        subjects[subject].map { "\(subject.rawValue): \($0.onOneLine)\n" }
      }
      ct_crash_describe(lines.joined())
    }
  }
}
