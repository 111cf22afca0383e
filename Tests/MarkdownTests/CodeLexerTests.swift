import Testing

@testable import Markdown

@Suite struct CodeLexerTests {
  /// Kinds as letters before what they hold: `k` keyword, `s` string, `c` comment, `n` number, `-` plain.
  private func marked(_ language: String, _ lines: String...) -> [String] {
    var lexer = CodeLexer(language: language)
    return lines.map { line in
      let pieces = lexer.pieces(line)
      #expect(pieces.map(\.text).joined() == line)
      return pieces.map { piece in
        switch piece.kind {
        case .plain: piece.text
        case .keyword: "‹k\(piece.text)›"
        case .string: "‹s\(piece.text)›"
        case .comment: "‹c\(piece.text)›"
        case .number: "‹n\(piece.text)›"
        }
      }.joined()
    }
  }

  @Test func languages() {
    #expect(
      marked(
        "Python", "@cache", "def f(x): # y", "  return '#' + \"a\\\"b\" + 1.5e3", "\"\"\"a",
        "if b\"\"\" if None") == [
          "‹k@cache›", "‹kdef› f(x): ‹c# y›", "  ‹kreturn› ‹s'#'› + ‹s\"a\\\"b\"› + ‹n1.5e3›", "‹s\"\"\"a›",
          "‹sif b\"\"\"› ‹kif› ‹nNone›",
        ])
    #expect(
      marked("c++", "#include <x>", "char c = '\\''; /* a", "b */ int n = 0x1F; // e") == [
        "‹k#include› <x>", "‹kchar› c = ‹s'\\''›; ‹c/* a›", "‹cb */› ‹kint› n = ‹n0x1F›; ‹c// e›",
      ])
    #expect(
      marked("rust", "fn f<'a>(x: &'a str) /* a /* b */ c */ {}") == [
        "‹kfn› f<'a>(x: &'a ‹kstr›) ‹c/* a /* b */ c */› {}"
      ])
    #expect(marked("js", "const u = `a", "${b}` // c") == ["‹kconst› u = ‹s`a›", "‹s${b}`› ‹c// c›"])
    #expect(marked("sh", "echo \"$x#\" a#b # c") == ["‹kecho› ‹s\"$x#\"› a#b ‹c# c›"])
    #expect(marked("sql", "SELECT a FROM t -- c") == ["‹kSELECT› a ‹kFROM› t ‹c-- c›"])
    #expect(marked("json", "{\"a\": \"b\", \"c\" : true}") == ["{‹k\"a\"›: ‹s\"b\"›, ‹k\"c\"› : ‹ntrue›}"])
    #expect(marked("yaml", "a-b: yes # c") == ["‹ka-b›: ‹nyes› ‹c# c›"])
    #expect(
      marked("html", "<a href=\"x\">if</a><!-- c", "-->") == [
        "<‹ka› href=‹s\"x\"›>if<‹k/a›>‹c<!-- c›", "‹c-->›",
      ])
    #expect(marked("swift", "#if DEBUG // \"a\"") == ["‹k#if› DEBUG ‹c// \"a\"›"])
    #expect(marked("go", "x := `a\\`; y") == ["x := ‹s`a\\`›; y"])
    #expect(marked("nonesuch", "if 1 # 2") == ["if 1 # 2"])
  }

  /// No sign is lost, whatever the bytes are.
  @Test func everyLanguageTakesEverything() {
    let line = "'\"`/*-->'''\"\"\"#@$ <天> \\ é\u{301} r#\" 1.. 'x' \\"
    for syntax in CodeSyntax.all {
      #expect(!syntax.names.isEmpty)
      var lexer = CodeLexer(language: syntax.names[0])
      for start in line.indices {
        #expect(lexer.pieces(String(line[start...])).map(\.text).joined() == line[start...])
      }
    }
  }
}
