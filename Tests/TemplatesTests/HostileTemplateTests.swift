import Testing

@testable import Templates

/// Templates come with model files: whatever they hold, they end soon, with a result or an error.
struct HostileTemplateTests {
  static let bombs = [
    // Loops
    "{% for i in range(10 ** 12) %}{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}{{ i }}{% endfor %}{% endfor %}",
    "{% set l = [1] %}{% for i in l %}{% for j in range(99999) %}{% set _ = l.append(j) %}{% endfor %}{% endfor %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}",
    // Recursion
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}{{ n() }}",
    "{% macro m(x) %}{{ x(x) }}{% endmacro %}{{ m(m) }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    // Memory
    "{{ 'x' * 10 ** 12 }}", "{{ [1] * 10 ** 12 }}", "{{ 'x' * 9223372036854775807 }}",
    "{{ [[]] * 9223372036854775807 }}",
    "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99999) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99999) %}{% set ns.s = ns.s.replace('x', ns.s) %}{% endfor %}",
    "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99999) %}{% set ns.s = ns.s.join(ns.s|list) %}{% endfor %}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(99999) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(99999) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}",
    "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(40) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}",
    "{{ 'x'|center(10 ** 12) }}", "{{ 'x'.ljust(10 ** 15) }}", "{{ '%999999999999d' % 1 }}",
    "{{ '%.999999999f' % 1 }}",
    "{{ '{:999999999999}'.format(1) }}", "{{ '%*d' % (10 ** 12, 1) }}", "{{ 'a\\nb'|indent(10 ** 12) }}",
    "{{ [1]|tojson(indent=10 ** 12)|length * 0 + [][0].x }}", "{{ [1]|batch(10 ** 12, 'x')|list }}",
    "{{ [1]|slice(10 ** 12)|list }}", "{{ '5'.zfill(10 ** 12) }}", "{{ 2 ** 100 }}", "{{ 9 ** 9 ** 9 }}",
    "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
    "{{ (-9223372036854775807 - 1) // -1 }}",
    "{{ 99999999999999999999 }}", "{{ (-9223372036854775807 - 1)|abs + 'x' }}", "{{ 1.5|round(999999999) }}",
    // Cycles and deep values
    "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}",
    "{% set l = [] %}{% set _ = l.append(l) %}{{ l|tojson }}",
    "{% set d = {} %}{% set _ = d.update({'d': d}) %}{{ d }}",
    "{% set l = [] %}{% set _ = l.append(l) %}{% set k = [] %}{% set _ = k.append(k) %}{{ l == k }}",
    "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ [ns.l]|sort|string }}",
    // Nested source
    "{{ " + String(repeating: "(", count: 100_000) + "1" + String(repeating: ")", count: 100_000) + " }}",
    "{{ " + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + " }}",
    "{{ " + String(repeating: "not ", count: 100_000) + "1 }}",
    "{{ " + String(repeating: "-", count: 100_000) + "1 }}",
    "{{ 1" + String(repeating: " + 1", count: 100_000) + " }}",
    "{{ x" + String(repeating: ".x", count: 100_000) + " }}",
    "{{ x" + String(repeating: "|trim", count: 100_000) + " }}",
    "{{ x" + String(repeating: "[0]", count: 100_000) + " }}",
    "{{ 1" + String(repeating: " if 1 else 1", count: 100_000) + " }}",
    "{{ 1" + String(repeating: " and 1", count: 100_000) + " }}",
    "{{ f" + String(repeating: "()", count: 100_000) + " }}",
    String(repeating: "{% if 1 %}", count: 100_000), String(repeating: "{% for x in [1] %}", count: 100_000),
    "{% set " + String(repeating: "(", count: 100_000) + " %}", String(repeating: "{%", count: 100_000),
    "{% for x in y if " + String(repeating: "(", count: 100_000),
    String(repeating: "{% macro m() %}", count: 100_000),
    "{{ {" + String(repeating: "1:{", count: 100_000), "{{ x is " + String(repeating: "in [", count: 100_000),
    "{{ 1" + String(repeating: " ~ (1", count: 100_000), String(repeating: "{{ '", count: 99_999),
  ]

  /// Smaller than the standard ones, to keep the tests fast; time and memory are proportional to them.
  static let limits = Limits(steps: 200_000, bytes: 16 << 20, depth: Limits.standard.depth)

  @Test(arguments: bombs)
  func isRefused(_ source: String) {
    #expect(throws: TemplateError.self) { try ChatTemplate(source).render([:], limits: Self.limits) }
  }

  /// These do a lot, but within the limits; the point is that they neither crash nor hang.
  @Test(arguments: [
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}ok",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set n = [] %}{% set _ = ns.l.append(n) %}{% set ns.l = n %}{% endfor %}ok",
    "{% set ns = namespace(x=none) %}{% for i in range(50000) %}{% set ns.x = namespace(p=ns.x) %}{% endfor %}ok",
    "{% set l = [] %}{% set _ = l.append(l) %}ok",
    "{% macro m() %}{% endmacro %}{% set l = [m] %}{% set d = {'l': l, 'm': m} %}ok",
    "{% set s = 'a' * 1000000 %}{% set _ = s.rfind('a' * 500000 ~ 'b') %}ok",
    "{% set s = 'a' * 1000000 %}{% set _ = (s ~ 'b') in s %}{% set _ = s.split('aab') %}ok",
    "{% set s = ' ' * 300000 %}{% set _ = s.split() %}{% set _ = s.strip() %}{% set _ = s.rsplit(none, 5) %}ok",
    "{% set s = ('a' ~ c) * 50000 %}{% set _ = s|upper %}{% set _ = s|list %}{% set _ = s.split('a') %}ok",
    "{% set _ = range(99999)|list|sort(reverse=true) %}ok",
    "{% set _ = range(99999)|map('string')|unique|list %}ok",
  ])
  func ends(_ source: String) throws {
    #expect(try ChatTemplate(source).render(["c": .content("b")]).last?.text.hasSuffix("ok") == true)
  }

  @Test func deepNestingWithinTheLimitWorks() throws {
    let source = "{{ " + String(repeating: "(", count: 60) + "1" + String(repeating: ")", count: 60) + " }}"
    #expect(try ChatTemplate(source).render([:]).map(\.text) == ["1"])
    let macro = "{% macro m(n) %}{% if n %}{{ n }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(30) }}"
    #expect(try ChatTemplate(macro).render([:]).first?.text.hasPrefix("302928") == true)
  }

  @Test func limitsAreTheCallers() throws {
    let template = try ChatTemplate("{% for i in range(1000) %}{{ i }}{% endfor %}")
    #expect(throws: TemplateError.self) {
      try template.render([:], limits: Limits(steps: 500, bytes: 1 << 20, depth: 100))
    }
    #expect(throws: TemplateError.self) {
      try template.render([:], limits: Limits(steps: 1 << 20, bytes: 500, depth: 100))
    }
    #expect(throws: TemplateError.self) {
      try template.render([:], limits: Limits(steps: 1 << 20, bytes: 1 << 20, depth: 3))
    }
  }

  @Test func randomBytesAreRefusedOrRendered() {
    let pieces = [
      "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "if", "else", "endif", "for", "in", "endfor", "set",
      "macro", "endmacro", "x",
      "'", "\"", "\\", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "~", "=", "*", "/", "%", "<", ">",
      "!", "not", "is",
      "and", "1", "0.5", " ", "\n", "é", "🙂", "\u{0}", "raw", "endraw", "call", "filter", "trim", "loop",
      "namespace", "recursive",
    ]
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var rendered = 0
    for _ in 0..<20_000 {
      let source = (0..<(1 + next(24))).map { _ in pieces[next(pieces.count)] }.joined()
      if let template = try? ChatTemplate(source), (try? template.render(["x": .content("y")])) != nil {
        rendered += 1
      }
    }
    #expect(rendered > 100)
  }

  // MARK: Work that is charged

  /// Operations that read, change or make something large, by what they are done with: texts `s` and `t` of the
  /// same ASCII letters, `u` of others, lists `l` and `m`, pairs `p`.
  static let operations = [
    "s == t", "s != t", "s < t", "s <= t", "s in [t]", "s in {t: 1}", "{t: 1}[s]", "d[s]", "d.get(s)",
    "'b' in s", "s is eq t", "s is in [t]", "[s, t]|sort", "[s, t]|max", "[s]|unique|list", "[s]|groupby(0)",
    "s|length", "s[5]", "s[-1]", "s[3:5]", "s[::-1]", "s|list", "s|reverse",
    "s|upper", "s.upper()", "s.lower()", "s.title()", "s.capitalize()", "s.swapcase()", "s|title", "u|lower",
    "s.isalnum()", "s.isalpha()", "s.isascii()", "s.islower()", "s.isspace()", "s is lower", "u is upper",
    "s.startswith(t)", "s.endswith(t)", "s.startswith('a', 5)", "s.removeprefix(t)", "s.removesuffix(t)",
    "s.count('b')", "s.count('a')", "s.find('b')", "s.rfind('b')", "'b'.find(s)", "s.partition('b')",
    "s.rpartition('b')", "s.split('b')", "s.split('a')", "s.rsplit('b')", "s.split()", "s.rsplit()",
    "s.splitlines()", "s.strip('a')", "'b'.strip(s)", "s|trim", "s.replace('b', 'c')", "s.replace('a', '')",
    "s.replace('', 'c', 1)", "s.center(5)", "s.ljust(5)", "s.zfill(5)", "s.format()", "'{:.3}'.format(s)",
    "s % ()", "'%.1s' % s", "'%5s' % s", "s|wordcount", "s|urlencode", "s|indent", "s|truncate", "s|tojson",
    "s|e", "(s|safe) + '<'", "s|int", "s|float", "[s]|string", "[s]|join", "s ~ 'b'", "s + 'b'",
    "strftime_now(s)", "s is filter", "s is test", "[s]|map(attribute=s)",
    "[1] * 10000", "l|map('int')|first", "l|select|first", "l|sum", "l|join", "l|list", "l.count(1)",
    "l == m", "l|batch(10)", "l|slice(2)", "range(10000).count(1)", "dict(p)", "p|map('first')|first",
    "loop.cycle(*l)",
  ]

  @Test(arguments: operations)
  func isChargedByWhatItReads(_ operation: String) throws {
    let prelude =
      "{% set s = 'a' * 65536 %}{% set t = 'a' * 65536 %}{% set u = 'é' * 32768 %}{% set d = {'x': 1} %}"
      + "{% set l = [1] * 10000 %}{% set m = [1] * 10000 %}{% set p = [['a', 1]] * 5000 %}"
    let limits = Limits(steps: 100_000, bytes: 256 << 20, depth: 400)
    func render(_ times: Int) throws {
      _ = try ChatTemplate(
        prelude + "{% for i in range(\(times)) %}{% if \(operation) %}{% endif %}{% endfor %}"
      ).render([:], limits: limits)
    }
    // The bare loop is well within the limits.
    _ = try ChatTemplate(prelude + "{% for i in range(4000) %}{% if s and l %}{% endif %}{% endfor %}")
      .render(
        [:], limits: limits)
    let error = #expect(throws: TemplateError.self) { try render(4000) }
    #expect(error?.message.contains("more than") == true, "\(error.map(String.init(describing:)) ?? "")")
  }

  /// What grows with the source alone stays in proportion to it.
  @Test(arguments: [
    "{{ dict(" + (0..<20_000).map { "a\($0)=1" }.joined(separator: ", ") + ")|length }}",
    "{% macro m(" + (0..<10_000).map { "a\($0)=1" }.joined(separator: ", ") + ") %}{% endmacro %}{{ m("
      + (0..<10_000).reversed().map { "a\($0)=2" }.joined(separator: ", ") + ") }}",
    (0..<20_000).map { "{% set a\($0) = 1 %}" }.joined() + (0..<20_000).map { "{{ a\($0) }}" }.joined(),
  ])
  func namesAreFoundInTime(_ source: String) throws {
    let time = try ContinuousClock().measure { _ = try ChatTemplate(source).render([:]) }
    #expect(time < .seconds(10), "\(time)")
  }

  @Test func argumentsByNameAreBoundOnce() throws {
    func render(_ source: String) throws -> String {
      try ChatTemplate(source).render([:]).map(\.text).joined()
    }
    let macro = "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ kwargs }}{% endmacro %}"
    #expect(try render(macro + "{{ m(b=1, a=3, c=4) }}") == "31{'c': 4}")
    #expect(try render(macro + "{{ m(1, **{'b': 5}) }}") == "15{}")
    #expect(throws: TemplateError.self) { try render("{% macro m(a) %}{% endmacro %}{{ m(a=1, b=2) }}") }
    let many = (0..<40).map { "{% set a\($0) = \($0) %}" }.joined()
    #expect(try render(many + "{% set a3 = 'x' %}{{ a0 }}{{ a3 }}{{ a16 }}{{ a17 }}{{ a39 }}") == "0x161739")
  }
}
