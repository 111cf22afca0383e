import Analysis
import Foundation
import Glibc
import Inference

/// Damage that was measured earlier, kept in the cache folder: a file for each model, plan and text.
public struct DamageCache: Sendable {
  private let folder: URL

  public init(folder: URL) { self.folder = folder }

  /// The inputs that the figures depend on.
  public struct Key: Sendable, Hashable, Codable {
    /// The version of the figures; to be raised when a change of the engine changes them.
    private var version = 1
    private var model: String
    private var bytes: Int
    private var modified: Double
    private var plan: Plan
    /// SHA-256 of the text.
    private var text: String
    private var tokens: Int

    /// nil when the model's file cannot be looked at, or the system has no SHA-256.
    ///
    /// - Parameters:
    ///   - model: Path of its file, or of the first part of it.
    ///   - text: Bytes that identify the text.
    ///   - tokens: The number of the text's tokens that are used at most.
    public init?(model: String, plan: Plan, text: some DataProtocol, tokens: Int) {
      guard let status = try? FileDescriptor(model, O_RDONLY).status(),
        case let hash = FileHash.sha256(of: Data(text)), !hash.isEmpty
      else { return nil }
      self.model = URL(filePath: model).lastPathComponent
      bytes = Int(status.st_size)
      modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
      self.plan = plan
      self.text = hash
      self.tokens = tokens
    }
  }

  private struct File: Codable {
    var key: Key
    var report: DamageReport
  }

  /// The report that was kept; nil where there is none, or none that can be read.
  public func report(_ key: Key) -> DamageReport? {
    let data = try? FileDescriptor(url(key).path, O_RDONLY).readAll(atMost: 4 << 20)
    let file = data.flatMap { try? JSONDecoder().decode(File.self, from: $0) }
    return file?.key == key ? file?.report : nil
  }

  /// Writes a report, in place of an earlier one of the same key.
  public func keep(_ report: DamageReport, _ key: Key) throws(FileError) {
    // Figures that are not finite are not kept.
    guard let data = try? JSONEncoder().encode(File(key: key, report: report)) else { return }
    try writeAtomically(data, to: url(key))
  }

  private func url(_ key: Key) -> URL {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let name = FileHash.sha256(of: (try? encoder.encode(key)) ?? Data())
    return folder.appending(path: name + ".json")
  }
}
