import Foundation
import Sessions
import Synchronization

/// Searches through sessions on a thread of its own, so that the screen does not wait for the disk.
final class SessionSearcher: Sendable {
  private let search: SessionSearch
  private let wake: @Sendable () -> Void
  private let queue = DispatchQueue(label: "pare.sessions.search", qos: .userInitiated)
  /// The number of the newest search; older ones end.
  private let newest = Atomic(0)
  private let news = Mutex<[SessionsNews]>([])

  /// - Parameter wake: Called when there is news.
  init(_ store: SessionStore, wake: @escaping @Sendable () -> Void) {
    search = SessionSearch(store)
    self.wake = wake
  }

  /// Begins a search in place of the one under way.
  func begin(_ query: String) {
    let number = newest.wrappingAdd(1, ordering: .relaxed).newValue
    queue.async {
      let matches = self.search.matches(query) { self.newest.load(ordering: .relaxed) != number }
      guard let matches else { return }
      self.news.withLock { $0 = [.found(matches, query: query)] }
      self.wake()
    }
  }

  /// The answer to the newest search, if it came since this was last asked.
  func takeNews() -> [SessionsNews] {
    news.withLock { news in
      defer { news = [] }
      return news
    }
  }
}
