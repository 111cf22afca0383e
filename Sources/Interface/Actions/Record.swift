import Sessions

extension AppState {
  /// Takes `event` into the session, and has it journalled.
  mutating func record(_ event: SessionEvent) -> [Effect] {
    do {
      try session.apply(event, at: date)
      return [.journal(event, at: date)]
    } catch {
      say(.error, "session: \(error)")
      return []
    }
  }

  /// Notes whether the session is in its file, and says it when that changes.
  mutating func saySaving(_ problem: String?) {
    guard problem != unsaved else { return }
    unsaved = problem
    if let problem {
      say(.error, "the session is not being saved: \(problem); what is said waits and is tried again")
    } else {
      say("the session is saved again, with all that waited")
    }
  }
}
