import Foundation
import FoundationNetworking
import Synchronization

/// An adapter from URLSession's callbacks to a stream of events; it checks redirects.
final class TransferDelegate: NSObject, URLSessionDataDelegate, Sendable {
  enum Event: Sendable {
    case response(HTTPURLResponse)
    case data(Data)
  }

  private struct State {
    var continuation: AsyncThrowingStream<Event, any Error>.Continuation?
    var linked = KnownFile()
    var refusedRedirect: String?
  }

  private let allowsPlainHTTP: Bool
  private let state = Mutex(State())

  init(allowsPlainHTTP: Bool) { self.allowsPlainHTTP = allowsPlainHTTP }

  /// The length in `X-Linked-Size` and the hash in `X-Linked-Etag`, which Hugging Face sends with the
  /// redirect to a large file's storage.
  var linked: KnownFile { state.withLock { $0.linked } }
  /// The address of a redirect that was not followed.
  var refusedRedirect: String? { state.withLock { $0.refusedRedirect } }

  /// Starts `task`. Ends with a `URLError` when it fails, and cancels it when the reader stops.
  func events(of task: URLSessionDataTask) -> AsyncThrowingStream<Event, any Error> {
    AsyncThrowingStream { continuation in
      state.withLock { $0.continuation = continuation }
      continuation.onTermination = { _ in task.cancel() }
      task.resume()
    }
  }

  private func yield(_ event: Event) { state.withLock { $0.continuation }?.yield(event) }

  private func noteLinked(_ response: HTTPURLResponse) {
    let tag = response.value(forHTTPHeaderField: "X-Linked-Etag")?.trimmingCharacters(in: ["\""]).lowercased()
    let bytes = response.value(forHTTPHeaderField: "X-Linked-Size").flatMap { Int($0) }
    state.withLock { state in
      if let tag, tag.count == 64, tag.allSatisfy(\.isHexDigit) { state.linked.sha256 = tag }
      if let bytes { state.linked.bytes = bytes }
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    noteLinked(response)
    guard let url = request.url, WebAddress.isSafe(url, plainHTTP: allowsPlainHTTP) else {
      // Not followed, the redirect itself becomes the response. (Cancelling here would crash Foundation.)
      state.withLock { $0.refusedRedirect = request.url?.absoluteString ?? "nowhere" }
      return completionHandler(nil)
    }
    completionHandler(request)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    guard let response = response as? HTTPURLResponse else { return completionHandler(.cancel) }
    noteLinked(response)
    yield(.response(response))
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    yield(.data(data))
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    state.withLock { $0.continuation }?.finish(throwing: error)
  }
}
