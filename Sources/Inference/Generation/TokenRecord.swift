import Foundation

/// What is kept of a token of an answer beside its id: the text that it gave, and how it was drawn.
public struct TokenRecord: Sendable, Hashable {
  /// UTF-8 bytes of its text, which follows that of the tokens before it in the same part.
  public var bytes: Int
  public var part: AnswerPart
  /// nil where it is not known.
  public var draw: PackedDraw?
  public init(bytes: Int, part: AnswerPart, draw: PackedDraw? = nil) {
    self.bytes = bytes
    self.part = part
    self.draw = draw
  }
}

extension AnswerToken {
  /// What is kept of it.
  public var record: TokenRecord { TokenRecord(bytes: text.utf8.count, part: part, draw: draw) }
}

extension TokenRecord {
  /// Records in Base64, for files: the version of the format, and for each token its bytes and part, and the length
  /// of its draw and the draw.
  ///
  /// - Returns: nil for none.
  public static func packed(_ records: [TokenRecord]) -> String? {
    guard !records.isEmpty else { return nil }
    var out = Packer()
    out.bytes.append(PackedDraw.version)
    for record in records {
      out.add(UInt64(max(0, record.bytes)) << 1 | (record.part == .reasoning ? 1 : 0))
      out.add(UInt64(record.draw?.bytes.count ?? 0))
      out.bytes += record.draw?.bytes ?? []
    }
    return Data(out.bytes).base64EncodedString()
  }

  /// Reads records back; nil for those of another version, and for what is none.
  public static func unpacked(_ text: String) -> [TokenRecord]? {
    guard let data = Data(base64Encoded: text) else { return nil }
    var reader = Unpacker(Array(data)[...])
    guard reader.byte() == PackedDraw.version else { return nil }
    var records: [TokenRecord] = []
    while !reader.isAtEnd {
      guard let head = reader.number(), head >> 1 < 1 << 31, let length = reader.number(), length < 1 << 20,
        let draw = reader.bytes(Int(length))
      else { return nil }
      records.append(
        TokenRecord(
          bytes: Int(head >> 1), part: head & 1 == 1 ? .reasoning : .content,
          draw: length > 0 ? PackedDraw(bytes: Array(draw)) : nil))
    }
    return records
  }
}
