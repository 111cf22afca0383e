import Analysis
import Foundation
import IO
import Inference
import Sessions

/// Recording a session for a page that plays it, which is written at the end.
struct ReplayRequest: AnalysisRequest {
  var session: Session
  var name: String
  /// The loaded model's file.
  var model: String
  var path: String

  var activity: String { "recording" }

  func prepare(_ directories: Directories) throws -> PreparedAnalysis {
    // Before the work rather than after it.
    let path = (path as NSString).expandingTildeInPath
    guard !FileManager.default.fileExists(atPath: path) else { throw Taken(path: path) }
    var job = ReplayRecording(session)
    job.damage = ReplayRecording.keptDamage(model: model, directories)
    return PreparedAnalysis(job: job)
  }

  private struct Taken: Error, CustomStringConvertible {
    var path: String
    var description: String { "\(path): is there already: choose another name" }
  }

  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    let report = state.analysis.reports[ReplayReport.self]
    state.analysis.reports[ReplayReport.self] = nil
    guard isWhole, let report else {
      state.say("stopped: nothing is written")
      return []
    }
    let others = session.conversation.models.filter {
      URL(filePath: $0.path ?? "").lastPathComponent != URL(filePath: model).lastPathComponent
    }
    let missing = others.map { "answers of \($0.name) have no maps: another model was loaded" }
    return [
      .sessions(
        .saveReplay(session, report, missing: missing.joined(separator: "; "), name: name, path: path))
    ]
  }
}

extension AppState {
  /// Records this session with the loaded model, and writes the page that plays it.
  mutating func exportReplay(to path: String) -> [Effect] {
    guard let model = idleModel() else { return [] }
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    return beginAnalysis(
      ReplayRequest(session: session, name: sessions.open, model: model.path, path: path))
  }
}
