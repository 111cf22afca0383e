import Foundation

/// A line of `pare pull --json`: how far a download is, or what came of it.
public struct PullReport: Sendable, Hashable, Codable {
  /// The step under way: `locating`, `downloading`, `unpacking`, `verifying`.
  public var stage: String?
  /// The part under way, from 1, and the number of parts.
  public var part: Int?
  public var parts: Int?
  /// Bytes of this step that are done, of so many.
  public var bytes: Int?
  public var totalBytes: Int?
  public var bytesPerSecond: Double?
  /// The model's file, once it is in its place, and what of it was looked at.
  public var path: String?
  public var summary: String?

  private enum CodingKeys: String, CodingKey {
    case stage, part, parts, bytes, path, summary
    case totalBytes = "total_bytes"
    case bytesPerSecond = "bytes_per_second"
  }

  /// The report of a step.
  public init(_ progress: DownloadProgress) {
    stage = progress.stage.rawValue
    part = progress.part
    parts = progress.parts
    bytes = progress.bytes
    totalBytes = progress.totalBytes
    bytesPerSecond = progress.bytesPerSecond
  }

  /// The report of the end.
  public init(_ model: FetchedModel) {
    path = model.url.path
    summary = model.summary
  }
}
