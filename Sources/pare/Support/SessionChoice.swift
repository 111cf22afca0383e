import Foundation
import IO
import Inference
import Sessions

/// The session that a chat begins with: one that is there, or a new one, which a mistyped name does not make.
struct SessionChoice {
  /// nil for a new one that gets its name from what is said.
  var name: SessionName?
  /// The model that a session which is there goes on with; nil where it has none.
  var model: ModelReference?
  var notes: [String] = []

  /// - Parameters:
  ///   - isNew: Whether the session `name` shall be begun.
  ///   - goesOn: Whether the last session is asked for.
  ///   - remembered: The session last open.
  init(name: String?, isNew: Bool, goesOn: Bool, _ store: SessionStore, remembered: String?) throws {
    if goesOn {
      self.name = store.last(remembered)
      if self.name == nil { notes = ["there is no session to go on with: this one is new"] }
    } else if let name {
      let name = try SessionName(name)
      self.name = name
      switch (isNew, store.exists(name)) {
      case (true, true): throw InputError(description: "\(JournalError.exists(name))")
      case (false, false):
        guard !Question.isYes("\(store.missing(name)). Begin it?") else { return }
        throw InputError(description: "\(store.missing(name)), --session \"\(name)\" --new begins it")
      case (true, false): return
      case (false, true): break
      }
    }
    model = try self.name.map { try store.read($0).session.model } ?? nil
  }
}
