import Foundation

/// A GGUF model file, mapped and validated: metadata, and tensors whose data stays in the mapping.
///
/// Versions 2 and 3 of the format, little-endian. A model split over several files
/// (`NAME-00001-of-000NN.gguf`) opens by any of its parts; the others are found beside it. Header, shapes and
/// offsets are checked on opening, so that users may index into tensor data without further checks.
public final class GGUFFile: Sendable {
  /// The file that was asked for; of a split model the first part.
  public let path: String
  /// The key-value pairs; of a split model those of the first part.
  public let metadata: Metadata
  /// All tensors in file order, those of the first part first.
  public let tensors: [Tensor]
  /// Size on disk, all parts together.
  public let fileBytes: Int

  private let indexByName: [ByteString: Int]
  let mappings: [MappedFile]

  /// Opens and validates the file at `path`.
  ///
  /// - Throws: ``GGUFError`` with what is wrong, where, and what to do.
  public init(path: String) throws(GGUFError) {
    let parts = try Self.readParts(path: path)
    var indexByName: [ByteString: Int] = [:]
    let tensors = parts.flatMap(\.tensors)
    for (index, tensor) in tensors.enumerated() {
      guard indexByName.updateValue(index, forKey: ByteString(tensor.name)) == nil else {
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
    try checkMapping()
  }

  /// Checks that all that was read so far was there. To be called after work that reads tensors or lists of
  /// the metadata, before its results are used.
  ///
  /// - Throws: ``GGUFError`` when the file was cut short meanwhile, or its disk failed.
  public func checkMapping() throws(GGUFError) {
    for mapping in mappings where mapping.isLost {
      throw GGUFError(
        file: mapping.path,
        "was cut short, or cannot be read any more, while it was in use: open it again once it is whole")
    }
  }

  /// The files on disk: one, or the parts of a split model.
  public var paths: [String] { mappings.map(\.path) }

  /// Drops the mapping's pages from the resident set; the next read maps them again. Worth it once the
  /// weights are packed.
  public func release() {
    for mapping in mappings { mapping.release() }
  }

  /// The tensor called `name`; nil if there is none.
  public subscript(name: String) -> Tensor? { indexByName[ByteString(name)].map { tensors[$0] } }
}
