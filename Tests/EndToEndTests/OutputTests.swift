import Foundation
import GGUF
import ModelFiles
import Testing

/// What the program writes: that a failure is said, that no file is lost, and that no text from outside
/// commands the terminal.
@Suite(.enabled(if: ModelFiles.areThere)) struct OutputTests {
  let program = Program()

  init() throws {
    try file("text.txt", "The capital of France is Paris, and that of Italy is Rome.")
    try file("messages.json", #"[{"role": "user", "content": "Hi"}]"#)
  }

  @discardableResult
  private func file(_ name: String, _ text: String) throws -> String {
    let path = program.home.path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private func contents(_ name: String) -> Data? {
    FileManager.default.contents(atPath: program.home.path + "/" + name)
  }

  // MARK: - Streams

  static let printing = [
    "--help", "--version", "models", "models --json", "inspect", "inspect --tensors --json",
    "inspect --check", "tokenize -f text.txt", "tokenize -f text.txt --json",
    "template --messages messages.json", "run -p x -n 3", "run -p x -n 3 --json", "score -f text.txt",
    "score -f text.txt --json", "eval -f text.txt --ctx 8", "eval -f text.txt --ctx 8 --json",
    "rank -f text.txt", "rank -f text.txt --json", "bench -p 4 -n 2 -r 1", "bench -p 4 -n 2 -r 1 --json",
    "compare -p x -n 2 --plan baseline", "compare -p x -n 2 --plan baseline --json",
    "heatmap -f text.txt", "export -o lean.gguf", "export -o lean.gguf --json",
    "search --target drop=1 --over attn -n 40", "sessions --json",
  ]

  /// stdout that is full or closed is an error in one line.
  @Test(arguments: printing) func stdoutThatFails(_ command: String) throws {
    for (place, reason) in [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")] {
      let result = try program.shell("$PARE \(command) \(place)")
      #expect(result.status == 1, "\(place): \(result.errors)")
      let last = "pare: stdout: it cannot be written: \(reason)\n"
      #expect(result.errors.hasSuffix(last), "\(place): \(result.errors)")
      #expect(!result.errors.contains("Fatal") && result.errors.split(separator: "\n").count <= 2)
      unlink(program.home.path + "/lean.gguf")
    }
  }

  @Test func chatWithoutItsStreams() throws {
    let full = try program.shell("echo Hi | $PARE chat --session a --new >/dev/full")
    #expect(full.status == 1 && full.errors.contains("pare: stdout: it cannot be written: No space"))
    // What was said is kept.
    let shown = try program.shell("$PARE sessions show a")
    #expect(shown.status == 0 && shown.output.contains("Hi"), "\(shown)")
    #expect(try program.shell("$PARE sessions show a >/dev/full").status == 1)
    for (place, reason) in [("<&-", "is closed"), ("</tmp", "is a folder")] {
      let result = try program.shell("$PARE chat \(place)")
      #expect(result.status == 66 && result.errors.contains("pare: stdin: \(reason)"), "\(result)")
    }
  }

  @Test(arguments: ["run -n 2", "tokenize", "score", "eval", "rank"])
  func stdinThatFails(_ command: String) throws {
    for (place, reason) in [("<&-", "is closed"), ("</tmp", "is a folder")] {
      let result = try program.shell("$PARE \(command) \(place)")
      #expect(result.status == 66 && result.output.isEmpty, "\(result)")
      #expect(result.errors.hasPrefix("pare: stdin: \(reason)"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  /// What cannot be said on stderr stops nothing.
  @Test func stderrThatFails() throws {
    for place in ["2>/dev/full", "2>&-"] {
      for (command, status) in [
        ("tokenize -f text.txt --json", 0), ("rank -f text.txt -t 1000", 0), ("tokenize -f absent", 66),
        ("frobnicate", 64),
      ] {
        let expected = try program.shell("$PARE \(command)")
        let result = try program.shell("$PARE \(command) \(place)")
        #expect(result.status == status && expected.status == status, "\(command) \(place)")
        if !command.hasPrefix("rank") { #expect(result.output == expected.output) }
      }
    }
    // A descriptor that is closed does not become that of a file, into which notes would go.
    let result = try program.shell("$PARE score -f text.txt -t 1000 --logits l.f32 2>&- >&- <&-; echo $?")
    #expect(result.output == "1\n")
    let count = try program.json(["tokenize", "-f", program.home.path + "/text.txt", "--json"])["ids"]
    #expect(contents("l.f32")?.count == (count as? [Int] ?? []).count * 49152 * 4)
  }

  @Test func aReaderMayLeave() throws {
    let result = try program.shell(
      "$PARE run -p x -n 500 --logit-bias 0-inf,2-inf | head -c 1; echo ${PIPESTATUS[0]}")
    #expect(result.output.hasSuffix("141\n") && result.errors.isEmpty, "\(result)")
  }

  // MARK: - Files

  private static let writing = [
    "export --drop-attn 3 -o", "score -f text.txt --logits", "heatmap -f text.txt -o",
  ]

  @Test(arguments: writing) func filesAreReplacedOnlyWhenAsked(_ command: String) throws {
    try file("there.csv", "mine")
    try program.shell("chmod 600 there.csv; ln -s there.csv link.csv").requireSuccess()
    let refused = try program.shell("$PARE \(command) link.csv")
    #expect(refused.status == 66 && refused.output.isEmpty)
    #expect(refused.errors == "pare: link.csv: is there already: choose another name, or --force\n")
    #expect(contents("there.csv") == Data("mine".utf8))
    try program.shell("$PARE \(command) link.csv --force").requireSuccess()
    #expect(contents("there.csv")?.count ?? 0 > 100)
    #expect(try program.shell("stat -c %a there.csv; readlink link.csv").output == "600\nthere.csv\n")
    #expect(try program.shell("ls *.part").status != 0)
  }

  /// On a terminal the program asks.
  @Test func filesAreReplacedWhenItIsSaidSo() throws {
    try file("there.f32", "mine")
    for (answer, isReplaced) in [("", false), ("n", false), ("y", true)] {
      let result = try program.shell(
        "echo '\(answer)' | script -qec '$PARE score -f text.txt --logits there.f32' /dev/null")
      #expect(result.output.contains("there.f32 is there already. Replace it? [y/N] "), "\(result)")
      #expect((contents("there.f32") != Data("mine".utf8)) == isReplaced, "\(result)")
    }
  }

  @Test(arguments: writing) func devicesAndPipesAreWrittenThrough(_ command: String) throws {
    try program.shell("mkfifo pipe.csv; $PARE \(command) new.csv").requireSuccess()
    let piped = try program.shell("cat pipe.csv > copy & $PARE \(command) pipe.csv; s=$?; wait; exit $s")
    #expect(piped.status == 0, "\(piped.errors)")
    #expect(contents("copy") == contents("new.csv") && contents("copy")?.isEmpty == false)
    #expect(try program.shell("test -p pipe.csv").status == 0)
    try program.shell("ln -s /dev/null null.csv; $PARE \(command) null.csv").requireSuccess()
    try program.shell("ln -s /dev/full full.csv").requireSuccess()
    let full = try program.shell("$PARE \(command) full.csv")
    #expect(full.status == 1 && full.errors.contains("No space left on device"), "\(full)")
    #expect(try program.shell("test -c /dev/null && test -c /dev/full").status == 0)
  }

  @Test(arguments: writing) func nothingIsWrittenOntoAnInput(_ command: String) throws {
    try program.shell("cp \(Program.model) model.gguf; ln model.gguf hard.csv; ln text.txt text.csv")
      .requireSuccess()
    try file("plan.toml", "[drop]\nattention = [3]\n")
    try program.shell("ln plan.toml plan.csv").requireSuccess()
    let before = try program.shell("md5sum model.gguf text.txt plan.toml").output
    let reads = command.contains("-f text.txt") ? ["hard", "plan", "text"] : ["hard", "plan"]
    for input in reads {
      let plan = input == "plan" ? "--plan plan.toml" : ""
      let result = try program.shell("$PARE \(command) \(input).csv --force -m model.gguf \(plan)")
      #expect(result.status == 64 && result.errors.contains("\(input).csv: is read for this"), "\(result)")
    }
    #expect(try program.shell("md5sum model.gguf text.txt plan.toml").output == before)
  }

  /// A limit on the size of files stands for a full disk.
  @Test(arguments: writing) func nothingIsLeftOfWhatFails(_ command: String) throws {
    let result = try program.shell("ulimit -f 1; $PARE \(command) new.csv")
    #expect(result.status == 1 && result.errors.contains("new.csv: it cannot be written after"), "\(result)")
    #expect(try program.shell("ls *.csv *.part").status != 0)
    try program.shell("$PARE \(command) new.csv").requireSuccess()
  }

  @Test func plansAreReplacedOnlyWhenAsked() throws {
    let chat = "$PARE chat --session s"
    let begin = chat + " --new"
    let result = try program.shell(
      #"printf '/drop attn 5\n/plan save lean\n/plan save lean\n/drop attn 6\n/plan save lean\n' | "# + begin)
    #expect(
      result.status == 0 && result.errors.contains("another plan is saved as lean: /plan save lean --force"))
    let plan = program.home.path + "/.config/pare/plans/lean.toml"
    #expect(try String(contentsOfFile: plan, encoding: .utf8).contains("[ 5 ]"))
    _ = try program.shell(#"printf '/plan save lean --force\n' | "# + chat)
    #expect(try String(contentsOfFile: plan, encoding: .utf8).contains("[ 5, 6 ]"))
  }

  // MARK: - Texts from outside

  /// On a terminal no text commands it; in a pipe it is what it is.
  @Test func templatesDoNotCommandTheTerminal() throws {
    try file("colour.jinja", "\u{1B}[31m{{ messages[0].content }}\u{9B}2J\u{202E}")
    let command = "$PARE template --template colour.jinja --messages messages.json"
    #expect(try program.shell(command).output == "\u{1B}[31mHi\u{9B}2J\u{202E}")
    let shown = try program.shell("script -qec '\(command)' /dev/null </dev/null")
    #expect(shown.output == "[31mHi2J", "\(shown.output.debugDescription)")
  }

  @Test func namesDoNotForgeLines() throws {
    let path = program.home.path + "/forged.gguf"
    let metadata: Metadata = [
      "general.architecture": .string("llama"), "a\nllama.block_count = 99\nb": .string("x\ny\u{1B}[2J"),
      "bidi": .string("\u{202E}\u{9B}\u{7F}\u{E0041}"),
    ]
    var writer = GGUFWriter(metadata: metadata)
    writer.add("t\n9 tensors", shape: [1], type: .f32, bytes: [0, 0, 0, 0])
    try writer.write(to: path)
    let lines = try program.run(["inspect", "--tensors", "-m", path]).output.split(separator: "\n")
    #expect(lines.contains(#"a\nllama.block_count = 99\nb = x\ny[2J"#), "\(lines)")
    #expect(lines.contains { $0.hasPrefix(#"t\n9 tensors  "#) })
    #expect(!lines.contains { $0.hasPrefix("llama.block_count") || $0.hasPrefix("9 tensors") })
    // In JSON all is there, and nothing steers a terminal.
    let json = try program.run(["inspect", "--json", "-m", path]).output
    let hazards: Set<UInt32> = [0x1B, 0x7F, 0x9B, 0x202E, 0xE0041]
    #expect(!json.unicodeScalars.contains { hazards.contains($0.value) })
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    let read = object?["metadata"] as? [String: String]
    #expect(read?["bidi"] == "\u{202E}\u{9B}\u{7F}\u{E0041}")
    #expect(read?["a\nllama.block_count = 99\nb"] == "x\ny\u{1B}[2J")
  }
}

extension Program.Result {
  /// Ends the test unless the program ended well.
  func requireSuccess() throws { try #require(status == 0, "\(errors)") }
}
