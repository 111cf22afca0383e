import Foundation
import Glibc
import Synchronization

/// A session in which all words of a query occur, in its name or in what was said.
public struct SessionMatch: Sendable, Hashable {
  public let summary: SessionSummary
  /// The text around the first occurrence, on one line; nil where the name alone fits.
  public let excerpt: String?

  /// - Parameters: as the properties.
  public init(summary: SessionSummary, excerpt: String?) {
    self.summary = summary
    self.excerpt = excerpt
  }
}

/// Looks for words in the names and texts of all sessions.
///
/// Of a long session its newest 4 MB are read. Texts that were read stay in memory, 64 MB of them at most, and
/// are read again when their file has changed. Safe to use from any thread.
public final class SessionSearch: Sendable {
  /// The bytes of one session that are read, and those of texts that are kept.
  private static let sessionLimit = 4 << 20, totalLimit = 64 << 20

  private struct Entry {
    var words: SessionWords
    var modified: Date
    var bytes: Int
  }

  private let store: SessionStore
  private let known = Mutex<[SessionName: Entry]>([:])

  public init(_ store: SessionStore) { self.store = store }

  /// The sessions that fit, the most recently used first; nil when `isStopped` ended the search.
  ///
  /// - Parameter query: Words between spaces, all of which must occur, whatever their case.
  public func matches(_ query: String, isStopped: () -> Bool = { false }) -> [SessionMatch]? {
    let query = query.trimmingCharacters(in: .whitespaces).lowercased()
    let words = query.split(whereSeparator: \.isWhitespace).map(String.init)
    var matches: [SessionMatch] = []
    for summary in store.list() {
      guard !isStopped() else { return nil }
      let name = summary.name.description.lowercased()
      let missing = words.filter { !name.contains($0) }
      if missing.isEmpty {
        matches.append(SessionMatch(summary: summary, excerpt: nil))
        continue
      }
      guard let text = text(of: summary) else { continue }
      let places = missing.map { text.offset(of: $0) }
      guard let first = places.compactMap({ $0 }).first, !places.contains(nil) else { continue }
      // Where all words stand in the order in which they were typed says most.
      matches.append(
        SessionMatch(summary: summary, excerpt: text.excerpt(at: text.offset(of: query) ?? first)))
    }
    return matches
  }

  private func text(of summary: SessionSummary) -> SessionWords? {
    let kept = known.withLock { $0[summary.name] }
    if let kept, kept.modified == summary.modified, kept.bytes == summary.bytes { return kept.words }
    guard let file = try? FileDescriptor(store.url(of: summary.name).path, O_RDONLY),
      let data = try? file.read(
        from: max(0, summary.bytes - Self.sessionLimit), count: min(summary.bytes, Self.sessionLimit))
    else { return nil }
    let words = SessionWords(data)
    known.withLock { known in
      known[summary.name] = nil
      guard known.values.reduce(words.count, { $0 + $1.words.count }) <= Self.totalLimit else { return }
      known[summary.name] = Entry(words: words, modified: summary.modified, bytes: summary.bytes)
    }
    return words
  }
}
