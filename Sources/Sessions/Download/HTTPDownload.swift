import Foundation
import FoundationNetworking

/// Fetches one address into a ``PartFile``, going on where an earlier try ended.
struct HTTPDownload {
  let url: URL
  /// The contents at this address never change (their name or a known hash says so), so a file can be
  /// continued even where the server gives nothing to tell versions apart.
  var isImmutable = false
  /// Whether plain http is allowed, also when redirected: only where the contents are checked by other means.
  var allowsPlainHTTP = false
  /// Seconds without a byte after which the connection counts as lost.
  var timeout: TimeInterval = 60
  /// Waits before further tries, in seconds; begun anew whenever bytes have arrived.
  var pauses: [Double] = [1, 2, 4, 8]
  /// Refuses files of another length, before their bytes are fetched.
  var expectedBytes: Int?

  /// - Parameter progress: Called with the bytes in the file so far, and the total where known.
  /// - Returns: The length and the SHA-256 that the server gave for the file, where it did.
  func fetch(
    into file: PartFile, progress: @Sendable (Int, Int?) -> Void
  ) async throws -> KnownFile {
    var failures = 0
    var restarts = 0
    while true {
      let before = file.length
      do {
        return try await transfer(into: file, progress: progress)
      } catch let failure as Transient {
        failures = file.length > before ? 0 : failures + 1
        if failure.beginsAnew {
          try file.truncate(to: 0)
          // A server that breaks off and cannot go on would be asked for ever.
          restarts += 1
          guard restarts < pauses.count else { throw failure.error }
        }
        // Without a byte in this run the address or the network is wrong; waiting would not help.
        guard failures < pauses.count, failures == 0 || failure.isServers else { throw failure.error }
        try await Task.sleep(for: .seconds(pauses[failures]))
      }
    }
  }

  /// A failure after which another try may succeed.
  private struct Transient: Error {
    let error: DownloadError
    /// The server answered, and said to come back later.
    var isServers = false
    /// The bytes so far are no beginning of what the server has.
    var beginsAnew = false
  }

  private func transfer(
    into file: PartFile, progress: @Sendable (Int, Int?) -> Void
  ) async throws -> KnownFile {
    if file.length > 0, !isImmutable, file.origin.validator == nil { try file.truncate(to: 0) }
    var request = URLRequest(url: url)
    // The length and the ranges asked for are those of the file itself, not of a compressed form.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    request.setValue("pare", forHTTPHeaderField: "User-Agent")
    if file.length > 0 {
      request.setValue("bytes=\(file.length)-", forHTTPHeaderField: "Range")
      if let validator = file.origin.validator { request.setValue(validator, forHTTPHeaderField: "If-Range") }
    }
    let delegate = TransferDelegate(allowsPlainHTTP: allowsPlainHTTP)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = timeout
    let session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil)
    defer { session.invalidateAndCancel() }

    var total: Int?
    var known: KnownFile {
      let linked = delegate.linked
      return KnownFile(bytes: linked.bytes ?? total, sha256: linked.sha256)
    }
    do {
      for try await event in delegate.events(of: session.dataTask(with: request)) {
        switch event {
        case .response(let response):
          if let refused = delegate.refusedRedirect {
            throw DownloadError("\(shown): redirected to \(refused.printable), which is not https")
          }
          switch try accept(response, into: file) {
          case .complete:
            total = file.length
            return known
          case .coming(let length): total = length
          }
        case .data(let data):
          try file.append(data)
          if let total, file.length > total {
            throw DownloadError("\(shown): the server sent more than it announced")
          }
          progress(file.length, total)
        }
      }
    } catch let error as URLError {
      try Task.checkCancellation()
      throw Transient(error: DownloadError("\(shown): \(Self.reason(error))"))
    }
    try Task.checkCancellation()
    guard total == nil || total == file.length else {
      throw Transient(error: DownloadError("\(shown): the connection was lost; run this again to go on"))
    }
    return known
  }

  private enum Acceptance {
    /// Nothing is missing.
    case complete
    /// Bytes follow, up to this length of the whole file where known.
    case coming(Int?)
  }

  /// Checks status and headers before any byte is written.
  private func accept(_ response: HTTPURLResponse, into file: PartFile) throws -> Acceptance {
    let range = try contentRange(response)
    var total: Int?
    switch response.statusCode {
    case 200:
      try file.truncate(to: 0)
      total = try response.value(forHTTPHeaderField: "Content-Length").flatMap(length)
    case 206 where range?.start == file.length:
      total = range?.total
    case 416 where file.length > 0 && range?.total == file.length: return .complete
    case 206 where file.length > 0, 416 where file.length > 0:
      // The file at the address became shorter, ours is not part of it, or the server gives another range.
      throw Transient(
        error: DownloadError("\(shown): the server cannot go on from where the last try ended"),
        isServers: true, beginsAnew: true)
    case 401, 403:
      throw DownloadError(
        "\(shown): the server wants a login (status \(response.statusCode)): "
          + "fetch the file with a browser and open it with -m"
      )
    case 404, 410: throw DownloadError("\(shown): there is no such file (status \(response.statusCode))")
    case 429, 500...599:
      throw Transient(
        error: DownloadError(
          "\(shown): the server is busy or broken (status \(response.statusCode)): try again later"),
        isServers: true)
    default:
      throw DownloadError("\(shown): the server answered with status \(response.statusCode)")
    }
    if let expectedBytes, let total, total != expectedBytes {
      throw DownloadError(
        "\(shown): \(total) bytes long, where \(expectedBytes) are expected: not the file that is meant")
    }
    try checkFreeSpace((total ?? 0) - file.length, in: file.url.deletingLastPathComponent())
    // A weak ETag does not promise the same bytes.
    let tag = response.value(forHTTPHeaderField: "ETag").flatMap { $0.hasPrefix("W/") ? nil : $0 }
    let validator = tag ?? response.value(forHTTPHeaderField: "Last-Modified")
    try file.note { $0.validator = validator }
    return .coming(total)
  }

  private var shown: String { url.absoluteString.printable }

  /// Reads `Content-Range: bytes 5-9/10`, `bytes 5-9/*` and `bytes */10`.
  private func contentRange(_ response: HTTPURLResponse) throws -> (start: Int?, total: Int?)? {
    guard let text = response.value(forHTTPHeaderField: "Content-Range"), text.hasPrefix("bytes ") else {
      return nil
    }
    let parts = text.dropFirst(6).split(separator: "/")
    guard parts.count == 2 else { return nil }
    return (try parts[0].split(separator: "-").first.flatMap(length), try length(parts[1]))
  }

  /// Reads a length; nil where there is none.
  ///
  /// - Throws: ``DownloadError`` for a length that no file has.
  private func length(_ text: some StringProtocol) throws -> Int? {
    let digits = text.drop { $0 == " " }.prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty else { return nil }
    guard let length = Int(digits), length <= Self.maximumBytes else {
      throw DownloadError(
        "\(shown): the server announces \(String(digits).printable) bytes, more than any file has")
    }
    return length
  }

  /// A petabyte: longer than any model, and far from where sums overflow.
  private static let maximumBytes = 1 << 50

  private static func reason(_ error: URLError) -> String {
    switch error.code {
    case .cannotFindHost, .dnsLookupFailed: "the server's name cannot be found: is there a network?"
    case .notConnectedToInternet, .cannotConnectToHost: "no connection to the server"
    case .timedOut: "the server is silent; run this again to go on"
    case .networkConnectionLost: "the connection was lost; run this again to go on"
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      "the server's certificate is not trusted"
    default: error.localizedDescription.printable
    }
  }
}
