import Synchronization

/// Events of work on other threads, for the one that draws: it is woken, and takes them.
final class BackgroundNews: Sendable {
  private let events = Mutex<[AppEvent]>([])
  private let wake: @Sendable () -> Void

  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  func post(_ event: AppEvent) {
    events.withLock { $0.append(event) }
    wake()
  }

  func drain() -> [AppEvent] {
    events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
