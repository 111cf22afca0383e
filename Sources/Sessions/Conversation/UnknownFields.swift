import Foundation

/// Keys that a program does not know in a record of a kind that it knows: a newer one wrote them. They stay with
/// the record when the session is written anew.
struct UnknownFields: Sendable, Hashable {
  /// The record's kind, and what tells it from others of the kind: the node's id, or the name of a setting.
  var kind: String
  var id: Int?
  var key: String?
  /// A JSON object of the keys and their values.
  var object: Data
}

extension Session {
  /// Keeps the unknown keys of the record that was applied last. Of choices, of which the last one counts, so do
  /// the keys of the last record.
  mutating func keep(_ fields: UnknownFields) {
    if fields.id == nil {
      unknownFields.removeAll { $0.kind == fields.kind && $0.id == nil && $0.key == fields.key }
    }
    unknownFields.append(fields)
  }
}
