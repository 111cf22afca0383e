import Foundation
import IO
import Sessions

extension EffectRunner {
  /// Does what concerns sessions on disk.
  func perform(_ effect: SessionsEffect) throws -> [AppEvent] {
    switch effect {
    case .list: return [.sessions(.listed(sessions.list()))]
    case .search(let query):
      searcher.begin(query)
      return []
    case .rename(let name, let new):
      let new = try SessionName(new)
      guard let name, name != journal.name.description else {
        try journal.rename(to: new)
        remember()
        return [.sessions(.renamed("\(new)")), .sessions(.named("\(new)"))]
      }
      try sessions.rename(SessionName(name), to: new)
      return [.sessions(.renamed("\(new)"))]
    case .fork(let name, let new, let opens):
      try journal.retry()  // what waits belongs to the copy too
      let copy = try sessions.fork(
        name.map { try SessionName($0) } ?? journal.name, as: new.map { try SessionName($0) })
      guard opens else { return [.sessions(.forked("\(copy)"))] }
      return try open(copy) + [.told("the copy \(copy) is open now; the other session stays as it is")]
    case .delete(let text):
      let name = try SessionName(text)
      guard name == journal.name else { return [.sessions(.deleted(try sessions.delete(name)))] }
      try journal.retry()
      let events = try open(nil)
      // One in which nothing was said is gone by now.
      return events + (sessions.exists(name) ? [.sessions(.deleted(try sessions.delete(name)))] : [])
    case .restore(let session): return [.sessions(.restored("\(try sessions.restore(session))"))]
    case .export(let name, let format, let path):
      try journal.retry()
      let name = try name.map { try SessionName($0) } ?? journal.name
      let text = try sessions.read(name).export(as: format, name: name)
      return perform(.save(text, path: path, remark: "session \(name)")) { _ in }
    case .saveReplay(let session, let report, let missing, let name, let path):
      let replay = Replay(session, created: session.conversation.nodes.first?.date)
      let page = try ReplayPage(replay, name: SessionName(name), report: report, missing: missing).html()
      return perform(.save(page, path: path, remark: "a browser plays it")) { _ in }
    case .findModel(let own): return [.sessions(.model(own, path: models.find(own)?.path))]
    }
  }
}
