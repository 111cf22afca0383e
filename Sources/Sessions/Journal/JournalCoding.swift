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

  static func decode(_ line: Data) throws -> JournalRecord {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let date = (try? time.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text)” is not a time")
      }
      return date
    }
    return try decoder.decode(JournalRecord.self, from: line)
  }
}
