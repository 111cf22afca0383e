import Foundation

/// JSON Lines: one record a line, keys sorted so that journals compare well, times in UTC to the millisecond.
enum JournalCoding {
  private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  static func encode(_ event: SessionEvent, at date: Date) throws -> Data {
    if case .unknown(let line) = event { return line + [UInt8(ascii: "\n")] }
    return try JournalRecord(event, at: date).map(encode) ?? Data()
  }

  static func encode(_ record: JournalRecord) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.formatted(time))
    }
    return try encoder.encode(record) + [UInt8(ascii: "\n")]
  }

  /// The lines of a session that is written anew.
  static func encode(_ session: Session) throws -> Data {
    var fields = session.unknownFields
    var text = Data()
    for (event, date) in session.events {
      var line = try encode(event, at: date)
      if !fields.isEmpty, let record = JournalRecord(event, at: date),
        let place = fields.firstIndex(where: {
          $0.kind == record.kind && $0.id == record.id && $0.key == record.key
        })
      {
        // `{…}` and `{…}` become one object.
        line =
          line.dropLast(2) + Data(",".utf8) + fields.remove(at: place).object.dropFirst() + Data("\n".utf8)
      }
      text += line
    }
    return text
  }

  /// The keys of a line that records do not have.
  static func unknownFields(in line: Data, _ record: JournalRecord) -> UnknownFields? {
    guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else { return nil }
    let unknown = object.filter { !JournalRecord.knows($0.key) }
    let data = try? JSONSerialization.data(
      withJSONObject: unknown, options: [.sortedKeys, .withoutEscapingSlashes])
    return data.map { UnknownFields(kind: record.kind, id: record.id, key: record.key, object: $0) }
  }

  /// A record, and whether its line has keys besides.
  struct Line: Decodable {
    let record: JournalRecord
    let hasUnknown: Bool

    init(from decoder: any Decoder) throws {
      record = try JournalRecord(from: decoder)
      hasUnknown = try decoder.container(keyedBy: AnyCodingKey.self).allKeys.contains {
        !JournalRecord.knows($0.stringValue)
      }
    }
  }

  static func decode(_ line: Data) throws -> Line {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let date = (try? time.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text)” is not a time")
      }
      return date
    }
    return try decoder.decode(Line.self, from: line)
  }
}
