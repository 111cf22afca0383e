import Foundation
import Sessions
import Synchronization

/// Searches through sessions on a thread of its own, so that the screen does not wait for the disk.
final class SessionSearcher: Sendable {
  private let search: SessionSearch
  private let news: BackgroundNews
  private let queue = DispatchQueue(label: "pare.sessions.search", qos: .userInitiated)
  /// The number of the newest search; older ones end.
  private let newest = Atomic(0)

  init(_ store: SessionStore, _ news: BackgroundNews) {
    search = SessionSearch(store)
    self.news = news
  }

  /// Begins a search in place of the one under way.
  func begin(_ query: String) {
    let number = newest.wrappingAdd(1, ordering: .relaxed).newValue
    queue.async {
      let matches = self.search.matches(query) { self.newest.load(ordering: .relaxed) != number }
      guard let matches else { return }
      self.news.post(.sessions(.found(matches, query: query)))
    }
  }
}
