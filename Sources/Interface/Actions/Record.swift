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
}
