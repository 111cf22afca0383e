import Foundation
import Testing

@testable import Templates

/// A template, its variables and what Jinja2 makes of them, as written by the scripts beside this file.
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var source: String
  /// A JSON object.
  var variables: String
  /// nil where Jinja2 refuses.
  var output: String?
  var error: String?

  var testDescription: String { name }

  /// The scripts' `NOW`.
  static let now = LocalTime(year: 2024, month: 2, day: 29, hour: 13, minute: 5, second: 9)

  /// Renders with every string of the variables marked as content.
  func render() throws(TemplateError) -> [Segment] {
    guard case .dict(let entries) = try Value(json: variables).markedAsContent else { return [] }
    let variables = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    return try ChatTemplate(source).render(variables, now: Self.now)
  }
}
