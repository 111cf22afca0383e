import Foundation
import GGUF
import Inference

/// The length and the hash of a file, as far as the catalogue or the server tells them.
struct KnownFile: Sendable, Hashable {
  var bytes: Int?
  var sha256: String?

  /// What is known here, and what only `other` knows.
  func completed(by other: KnownFile) -> KnownFile {
    KnownFile(bytes: bytes ?? other.bytes, sha256: sha256 ?? other.sha256)
  }
}

/// A file that is not the one that is meant, or not whole; why, in a few words.
struct WrongFile: Error {
  let reason: String
}

extension ModelDownloader {
  /// Compares a file with all that is known of it, and reads it as a model file.
  ///
  /// - Throws: ``WrongFile``; `CancellationError`; errors of reading.
  func check(_ url: URL, against known: KnownFile, _ meter: ProgressMeter) throws -> [FetchedModel.Check] {
    var checks: [FetchedModel.Check] = []
    if let bytes = known.bytes {
      let length = try Int(FileDescriptor(url.path, O_RDONLY).status().st_size)
      guard length == bytes else { throw WrongFile(reason: "it has \(length) bytes, not \(bytes)") }
      checks.append(.length)
    }
    if let sha256 = known.sha256 {
      meter.begin(.verifying)
      let actual = try FileHash.sha256(of: url) { meter.update($0, of: $1) }
      guard actual == sha256 else { throw WrongFile(reason: "the SHA-256 is \(actual), not \(sha256)") }
      checks.append(.sha256)
    }
    do {
      if try GGUFFile.partCount(path: url.path) > 1 { checks.append(.part) }
    } catch {
      // Without the path, which is that of a file on its way.
      throw WrongFile(reason: [error.place, error.problem].compactMap { $0 }.joined(separator: ": "))
    }
    return checks
  }

  /// Opens a whole model that is in its place, as a chat would.
  func opening(_ url: URL, _ checks: [FetchedModel.Check]) throws(DownloadError) -> [FetchedModel.Check] {
    guard !checks.contains(.part) else { return checks }
    do { _ = try Model(path: url.path) } catch {
      let right = checks.map(\.rawValue).joined(separator: ", ")
      throw DownloadError(
        "\(error.inOneLine): the file is in its place\(right.isEmpty ? "" : " (\(right))"), but cannot be used"
      )
    }
    return checks + [.model]
  }
}
