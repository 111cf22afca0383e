import Testing

@testable import Templates

/// Errors say what is wrong and where.
struct TemplateErrorTests {
  static let mistakes: [(source: String, message: String)] = [
    ("a\n {{ x + }}", "line 2, column 9: expected an expression, got '}}'"),
    (
      "{% if x %}\n{% for y in x %}\n{% endif %}",
      "line 3, column 4: unexpected 'endif': 'for' needs '{% else %}' or '{% endfor %}' first"
    ),
    (
      "{% if x %}",
      "line 1, column 4: 'if' is never closed with '{% elif %}' or '{% else %}' or '{% endif %}'"
    ),
    ("é {# open", "line 1, column 3: this comment is never closed with '#}'"),
    ("{{ (1 }}", "line 1, column 7: unexpected '}', expected ')'"),
    ("{{ 'abc }}", "line 1, column 4: this string is never closed"),
    ("{{ x ? }}", "line 1, column 6: unexpected character '?'"),
    ("{% unknown %}", "line 1, column 4: there is no tag 'unknown'"),
    ("{{ x|nope }}", "line 1, column 6: there is no filter 'nope'"),
    ("{{ x is nope }}", "line 1, column 9: there is no test 'nope'"),
    ("\n{{ message.content }}", "line 2, column 11: 'message' is undefined"),
    ("{{ d.a.b }}", "line 1, column 7: 'dict' has no attribute or key 'a'"),
    ("{{ d['a']() }}", "line 1, column 10: 'dict' has no attribute or key 'a'"),
    ("{{ 1 + 'a' }}", "line 1, column 6: '+' cannot be applied to int and str"),
    ("{{ 'a'|replace('b') }}", "line 1, column 8: filter 'replace' needs its argument 'new'"),
    ("{% for x in 5 %}{% endfor %}", "line 1, column 4: a value of type int cannot be iterated"),
    ("{{ raise_exception('No system role') }}", "line 1, column 19: the template refuses: No system role"),
    (
      "{% macro m(a) %}{{ a.b.c }}{% endmacro %}\n{{ m({}) }}",
      "line 1, column 23: 'dict' has no attribute or key 'b'"
    ),
    ("{{ range(10 ** 9) }}", "line 1, column 9: range() of more than 100000 elements"),
    (
      "{{ 'x' * 10 ** 15 }}",
      "line 1, column 8: the template makes more than 268435456 bytes of text and lists"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func says(_ index: Int) throws {
    let (source, message) = Self.mistakes[index]
    let error = #expect(throws: TemplateError.self) { try ChatTemplate(source).render(["d": [:]]) }
    #expect(error?.description == "chat template, " + message)
  }

  @Test func unknownFiltersMatterOnlyWhereReached() throws {
    #expect(try ChatTemplate("{% if false %}{{ x|nope }}{% endif %}ok").render([:]).map(\.text) == ["ok"])
    #expect(throws: TemplateError.self) {
      try ChatTemplate("{% if true %}{{ x|nope }}{% endif %}").render([:])
    }
  }
}
