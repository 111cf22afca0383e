import Foundation
import Testing

@testable import Templates

/// Small templates for every feature of the language, against what Jinja2 makes of them.
struct SnippetTests {
  struct Fixture: Decodable {
    var variables: String
    var cases: [Case]
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var source: String
    /// nil where Jinja2 refuses.
    var output: String?
    var error: String?
    var testDescription: String { "\(name): \(source)" }
  }

  static let fixture: Fixture = {
    guard let url = Bundle.module.url(forResource: "Fixtures/snippets", withExtension: "json"),
      let data = try? Data(contentsOf: url), let fixture = try? JSONDecoder().decode(Fixture.self, from: data)
    else { preconditionFailure("Fixtures/snippets.json is missing or damaged") }
    return fixture
  }()

  @Test(arguments: fixture.cases)
  func equalsJinja(_ snippet: Case) throws {
    let reference = ReferenceCase(
      name: snippet.name, source: snippet.source, variables: Self.fixture.variables, output: snippet.output)
    guard let output = snippet.output else {
      #expect(throws: TemplateError.self) { try reference.render() }
      return
    }
    #expect(try reference.render().map(\.text).joined() == output)
  }

  @Test func coversEnough() {
    #expect(Self.fixture.cases.count >= 400)
  }
}
