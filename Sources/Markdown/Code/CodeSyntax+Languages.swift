extension String {
  fileprivate var words: Set<String> { Set(split(whereSeparator: \.isWhitespace).map(String.init)) }
}

extension CodeSyntax {
  /// The languages that answers are mostly written in.
  static let all: [CodeSyntax] = [
    python, javaScript, java, cFamily, cSharp, go, rust, swift, kotlin, ruby, php, shell, sql, json, yaml,
    markup,
    css,
  ]

  private static let cComment = BlockComment(open: "/*", close: "*/")
  private static let nestedComment = BlockComment(open: "/*", close: "*/", nests: true)
  private static let character = StringSyntax("'", isCharacter: true)

  private static let python = CodeSyntax(
    names: ["python", "py", "python3", "pycon"],
    keywords: """
      and as assert async await break case class continue def del elif else except finally for from global if import
      in is lambda match nonlocal not or pass raise return try while with yield
      """.words,
    constants: "True False None self cls".words, lineComments: ["#"],
    strings: [
      StringSyntax("\"\"\"", isMultiline: true), StringSyntax("'''", isMultiline: true), StringSyntax("\""),
      StringSyntax("'"),
    ], prefixes: "@")

  private static let javaScript = CodeSyntax(
    names: ["javascript", "js", "jsx", "mjs", "node", "typescript", "ts", "tsx"],
    keywords: """
      abstract any as async await boolean break case catch class const continue debugger declare default delete do
      else enum export extends finally for from function get if implements import in instanceof interface keyof let
      namespace new number of private protected public readonly return set static string super switch symbol throw
      try type typeof unknown var void while with yield
      """.words,
    constants: "true false null undefined NaN Infinity this".words, lineComments: ["//"],
    blockComment: cComment,
    strings: [StringSyntax("\""), StringSyntax("'"), StringSyntax("`", isMultiline: true)], prefixes: "@",
    wordSigns: "$")

  private static let java = CodeSyntax(
    names: ["java"],
    keywords: """
      abstract assert boolean break byte case catch char class const continue default do double else enum extends final
      finally float for goto if implements import instanceof int interface long native new package private protected
      public record return sealed short static strictfp super switch synchronized throw throws transient try var void
      volatile while yield
      """.words,
    constants: "true false null this".words, lineComments: ["//"], blockComment: cComment,
    strings: [StringSyntax("\"\"\"", isMultiline: true), StringSyntax("\""), character], prefixes: "@")

  private static let cFamily = CodeSyntax(
    names: ["c", "h", "cpp", "c++", "cc", "cxx", "hpp", "cuda", "cu", "objective-c", "objc", "arduino"],
    keywords: """
      alignas alignof asm auto bool break case catch char class concept const consteval constexpr continue co_await
      co_return co_yield decltype default delete do double else enum explicit export extern final float for friend goto
      if inline int long mutable namespace new noexcept operator override private protected public register requires
      restrict return short signed sizeof static static_assert static_cast struct switch template throw try typedef
      typename union unsigned using virtual void volatile wchar_t while size_t int8_t int16_t int32_t int64_t uint8_t
      uint16_t uint32_t uint64_t
      """.words,
    constants: "true false NULL nullptr this".words, lineComments: ["//"], blockComment: cComment,
    strings: [StringSyntax("\""), character], prefixes: "#")

  private static let cSharp = CodeSyntax(
    names: ["csharp", "cs", "c#"],
    keywords: """
      abstract as async await base bool break byte case catch char checked class const continue decimal default
      delegate do double else enum event explicit extern finally fixed float for foreach get if implicit in init int
      interface internal is lock long namespace new object operator out override params private protected public
      readonly record ref required return sbyte sealed set short sizeof static string struct switch throw try typeof
      uint ulong unchecked unsafe ushort using var virtual void volatile when where while with yield
      """.words,
    constants: "true false null this".words, lineComments: ["//"], blockComment: cComment,
    strings: [
      StringSyntax("\"\"\"", isMultiline: true),
      StringSyntax("@\"", "\"", hasEscapes: false, isMultiline: true),
      StringSyntax("\""), character,
    ], prefixes: "#")

  private static let go = CodeSyntax(
    names: ["go", "golang"],
    keywords: """
      any bool break byte case chan complex128 complex64 const continue default defer else error fallthrough float32
      float64 for func go goto if import int int16 int32 int64 int8 interface map package range return rune select
      string struct switch type uint uint16 uint32 uint64 uint8 uintptr var
      """.words,
    constants: "true false nil iota".words, lineComments: ["//"], blockComment: cComment,
    strings: [StringSyntax("\""), StringSyntax("`", hasEscapes: false, isMultiline: true), character])

  private static let rust = CodeSyntax(
    names: ["rust", "rs"],
    keywords: """
      as async await bool break char const continue crate dyn else enum extern f32 f64 fn for i128 i16 i32 i64 i8 if
      impl in isize let loop macro match mod move mut pub ref return static str struct super trait type u128 u16 u32
      u64 u8 union unsafe use usize where while
      """.words,
    constants: "true false self Self None Some Ok Err".words, lineComments: ["//"],
    blockComment: nestedComment,
    strings: [
      StringSyntax("r#\"", "\"#", hasEscapes: false, isMultiline: true),
      StringSyntax("\"", isMultiline: true),
      character,
    ])

  private static let swift = CodeSyntax(
    names: ["swift"],
    keywords: """
      actor any as associatedtype async await borrowing break case catch class consuming continue convenience default
      defer deinit do else enum extension fallthrough fileprivate final for func get guard if import in indirect infix
      init inout internal is isolated lazy let mutating nonisolated open operator optional override package postfix
      precedencegroup prefix private protocol public repeat required rethrows return set some static struct subscript
      super switch throw throws try typealias unowned var weak where while willSet didSet
      """.words,
    constants: "true false nil self Self".words, lineComments: ["//"], blockComment: nestedComment,
    strings: [
      StringSyntax("\"\"\"", isMultiline: true), StringSyntax("#\"", "\"#", hasEscapes: false),
      StringSyntax("\""),
    ], prefixes: "@#")

  private static let kotlin = CodeSyntax(
    names: ["kotlin", "kt", "scala", "dart", "groovy", "gradle"],
    keywords: """
      abstract as break by case catch class companion const constructor continue data def do else enum extends final
      finally for fun if implements import in infix init inline interface internal is lateinit match object open
      operator out override package private protected public return sealed static super suspend switch throw trait try
      type typealias val var vararg when where while with yield
      """.words,
    constants: "true false null this".words, lineComments: ["//"], blockComment: nestedComment,
    strings: [StringSyntax("\"\"\"", isMultiline: true), StringSyntax("\""), StringSyntax("'")], prefixes: "@"
  )

  private static let ruby = CodeSyntax(
    names: ["ruby", "rb"],
    keywords: """
      alias and begin break case class def defined do else elsif end ensure for if in include module next not or
      private protected public raise redo require rescue retry return super then undef unless until when while yield
      """.words,
    constants: "true false nil self".words, lineComments: ["#"],
    strings: [StringSyntax("\"", isMultiline: true), StringSyntax("'", isMultiline: true)], prefixes: "@")

  private static let php = CodeSyntax(
    names: ["php"],
    keywords: """
      abstract and array as break case catch class clone const continue declare default do echo else elseif empty
      enddeclare endfor endforeach endif endswitch endwhile enum extends final finally fn for foreach function global if
      implements include instanceof interface isset list match namespace new or private protected public readonly
      require require_once return static switch throw trait try unset use var while yield
      """.words,
    constants: "true false null TRUE FALSE NULL this".words, lineComments: ["//", "#"],
    blockComment: cComment,
    strings: [StringSyntax("\"", isMultiline: true), StringSyntax("'", isMultiline: true)], wordSigns: "$")

  private static let shell = CodeSyntax(
    names: ["bash", "sh", "shell", "zsh", "console", "fish", "dockerfile", "docker", "makefile", "make"],
    keywords: """
      alias break case cd continue do done echo elif else esac eval exec exit export fi for function if in local read
      readonly return select set shift source then time trap unset until while sudo FROM RUN COPY ADD ENV WORKDIR CMD
      ENTRYPOINT EXPOSE ARG
      """.words,
    constants: "true false".words, lineComments: ["#"],
    strings: [
      StringSyntax("\"", isMultiline: true), StringSyntax("'", hasEscapes: false, isMultiline: true),
    ], wordSigns: "$-")

  private static let sql = CodeSyntax(
    names: ["sql", "postgresql", "postgres", "mysql", "sqlite", "plsql", "tsql"],
    keywords: """
      add all alter and as asc begin between by case check column commit constraint create cross database default
      delete desc distinct drop else end except exists foreign from full group having if in index inner insert
      intersect into is join key left like limit not offset on or order outer over partition primary references
      returning right rollback select set table then transaction union unique update using values view when where with
      int integer bigint smallint text varchar char boolean date timestamp numeric decimal float real serial
      """.words,
    constants: "true false null".words, lineComments: ["--"], blockComment: cComment,
    strings: [
      StringSyntax("'", hasEscapes: false, isMultiline: true), StringSyntax("\"", hasEscapes: false),
    ],
    ignoresCase: true)

  private static let json = CodeSyntax(
    names: ["json", "jsonc", "json5", "jsonl"], constants: "true false null".words, lineComments: ["//"],
    blockComment: cComment, strings: [StringSyntax("\"")], hasKeys: true)

  private static let yaml = CodeSyntax(
    names: ["yaml", "yml", "toml", "ini"], constants: "true false null yes no on off".words,
    lineComments: ["#"],
    strings: [
      StringSyntax("\"\"\"", isMultiline: true), StringSyntax("\""), StringSyntax("'", hasEscapes: false),
    ], wordSigns: "-.", hasKeys: true)

  private static let markup = CodeSyntax(
    names: ["html", "xml", "svg", "xhtml", "vue"], blockComment: BlockComment(open: "<!--", close: "-->"),
    strings: [
      StringSyntax("\"", hasEscapes: false, isMultiline: true),
      StringSyntax("'", hasEscapes: false, isMultiline: true),
    ], wordSigns: "-:!?/", isMarkup: true)

  private static let css = CodeSyntax(
    names: ["css", "scss", "less"], lineComments: ["//"], blockComment: cComment,
    strings: [StringSyntax("\""), StringSyntax("'")], prefixes: "@", wordSigns: "-", hasKeys: true)
}
