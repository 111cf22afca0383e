import Foundation

/// A GGUF model file, mapped and validated: metadata, and tensors whose data stays in the mapping.
///
/// Versions 2 and 3, little-endian. Of a model split over several files (`NAME-00001-of-000NN.gguf`), open any
/// part; the others are found beside it. Everything that the format allows to be
/// wrong is checked here, so that users may index into tensor data without further checks.
public final class GGUFFile: Sendable {
  /// The file that was asked for; of a split model the first part.
  public let path: String
  public let metadata: Metadata
  /// In file order, parts in theirs.
  public let tensors: [Tensor]
  /// Size on disk, all parts together.
  public let fileBytes: Int

  private let indexByName: [String: Int]
  let mappings: [MappedFile]

  /// Opens and validates `path`. Throws a ``GGUFError`` that says what is wrong, where, and what to do.
  public init(path: String) throws(GGUFError) {
    let parts = try Self.readParts(path: path)
    var indexByName: [String: Int] = [:]
    let tensors = parts.flatMap(\.tensors)
    for (index, tensor) in tensors.enumerated() {
      guard indexByName.updateValue(index, forKey: tensor.name) == nil else {
        throw GGUFError(
          file: path, place: "tensor \(GGUFError.quote(tensor.name))", "occurs twice: the file is damaged")
      }
    }
    self.path = parts[0].mapping.path
    self.metadata = parts[0].metadata
    self.tensors = tensors
    self.indexByName = indexByName
    mappings = parts.map(\.mapping)
    fileBytes = mappings.reduce(0) { $0 + $1.bytes.count }
  }

  /// Whether `path` leads to the file, or to a part of it.
  public func isHeld(at path: String) -> Bool {
    var other = stat()
    guard stat(path, &other) == 0 else { return false }
    return mappings.contains { mapping in
      var own = stat()
      return stat(mapping.path, &own) == 0 && own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }
  }

  /// Takes the files' pages out of the resident set until they are read again, say when their weights are packed.
  public func release() {
    for mapping in mappings { mapping.release() }
  }

  public subscript(name: String) -> Tensor? { indexByName[name].map { tensors[$0] } }
}
