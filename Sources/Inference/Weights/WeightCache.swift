import Foundation
import GGUF
import Quantization

/// Packed weights of model files, kept in a folder of their own, so that the next start reads them instead of
/// packing.
///
/// Of each model file the matrices of the baseline are kept, in one file (``CachedLayout``) that is named by
/// the model file's fingerprint and so found wherever that lies. Each piece is compared with its checksum as it is
/// read. A matrix that is damaged is packed; a file that is damaged, cut short, of another layout, a link, of
/// another user or writable for others is replaced.
public struct WeightCache: Sendable, Hashable {
  public let folder: URL
  /// Bytes that the files may take together; those that were not used for longest are removed for new ones.
  public let limit: Int

  public init(folder: URL, limit: Int) {
    self.folder = folder
    self.limit = limit
  }

  static let ending = ".weights"

  /// Bytes that the files take.
  public var byteCount: Int { files(Self.ending).reduce(0) { $0 + $1.bytes } }

  /// The packed weights of a model; nil where there are none, or not in a file that can be trusted.
  func weights(of model: Model) -> CachedWeights? {
    let layout = CachedLayout(model)
    guard let weights = CachedWeights(path: path(layout), layout) else { return nil }
    utimensat(AT_FDCWD, path(layout), nil, AT_SYMLINK_NOFOLLOW)  // fails where all is read-only
    return weights
  }

  func path(_ layout: CachedLayout) -> String {
    let name = String(layout.fingerprint, radix: 16)
    return folder.path + "/" + name + Self.ending
  }

  /// A file of the folder, and when it was last used.
  private struct Entry {
    var path: String
    var bytes: Int
    var used: timespec
  }

  private func files(_ ending: String) -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(ending) }.compactMap { name in
      var status = stat()
      let path = folder.path + "/" + name
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return Entry(path: path, bytes: Int(status.st_size), used: status.st_mtim)
    }
  }

  /// Removes the files that were not used for longest until `bytes` more fit, and what writers that are no
  /// more left.
  func makeRoom(for bytes: Int) {
    let hour = 3600
    for part in files(WeightCacheWriter.ending) where part.used.tv_sec < time(nil) - hour {
      unlink(part.path)
    }
    let entries = files(Self.ending).sorted {
      ($0.used.tv_sec, $0.used.tv_nsec) < ($1.used.tv_sec, $1.used.tv_nsec)
    }
    var total = entries.reduce(bytes) { $0 + $1.bytes }
    for entry in entries where total > limit {
      if unlink(entry.path) == 0 { total -= entry.bytes }
    }
  }
}

/// What lies where in a file of the cache: a header of 64-bit words with a checksum of each piece, filled up
/// to whole pages; then the packed matrices one after the other, each filled up to whole pages.
struct CachedLayout {
  /// Of the model file.
  let fingerprint: UInt64
  /// Bytes of each matrix, in the file.
  private(set) var matrices: [Weights.Place: Range<Int>] = [:]
  /// What has a checksum of its own: a matrix, or a part of a large one.
  private(set) var pieces: [(place: Weights.Place, bytes: Range<Int>)] = []
  let headerBytes: Int
  private(set) var fileBytes: Int

  private static let page = 4096
  private static let pieceBytes = 4 << 20
  /// “pareW” and a version of the header.
  private static let magic: UInt64 = 0x7061_7265_5700_0001

  init(_ model: Model) {
    fingerprint = model.file.fingerprint
    let sources = model.places.map { ($0.place, PackedMatrix.byteCount($0.source, format: nil)) }
    let count = sources.reduce(0) { $0 + ($1.1 + Self.pieceBytes - 1) / Self.pieceBytes }
    headerBytes = ((Self.facts + count + 1) * MemoryLayout<UInt64>.size).roundedUp(to: Self.page)
    fileBytes = headerBytes
    for (place, bytes) in sources {
      matrices[place] = fileBytes..<fileBytes + bytes
      let end = fileBytes + bytes.roundedUp(to: Self.page)
      while fileBytes < end {
        let piece = fileBytes..<min(fileBytes + Self.pieceBytes, end)
        pieces.append((place, piece))
        fileBytes = piece.upperBound
      }
    }
  }

  private static let facts = 5

  /// The header of a file whose pieces have these checksums.
  func header(_ checksums: [UInt64]) -> [UInt64] {
    var words = [
      Self.magic, UInt64(PackedFormat.layoutVersion), fingerprint, UInt64(fileBytes), UInt64(pieces.count),
    ]
    words += checksums
    words.append(words.withUnsafeBytes { Checksum.of($0) })
    return words
  }

  /// The checksums that the header of a file tells; nil where it is not that of this layout.
  func checksums(of descriptor: Int32) -> [UInt64]? {
    var words = [UInt64](repeating: 0, count: Self.facts + pieces.count + 1)
    guard words.withUnsafeMutableBytes({ readFully(descriptor, into: $0, at: 0) }) else { return nil }
    let checksums = Array(words[Self.facts...].prefix(pieces.count))
    return words == header(checksums) ? checksums : nil
  }
}

extension Model {
  /// The matrices that the baseline runs, in a fixed order.
  fileprivate var places: [(place: Weights.Place, source: MatrixSource)] {
    var places: [(place: Weights.Place, source: MatrixSource)] = []
    for (layer, tensors) in layers.enumerated() {
      func add(_ role: Weights.Place.Role, _ source: MatrixSource) {
        places.append((Weights.Place(layer: layer, role: role), source))
      }
      if let attention = tensors.attention {
        if let heads = attention.heads {
          add(.query, heads.query)
          add(.key, heads.key)
          add(.value, heads.value)
        }
        add(.attentionOutput, attention.output)
      }
      if let mlp = tensors.mlp {
        if let gate = mlp.gate { add(.gate, gate) }
        add(.up, mlp.up)
        add(.down, mlp.down)
      }
    }
    return places + [(Weights.Place(layer: nil, role: .head), head)]
  }
}
