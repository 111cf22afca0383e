import Foundation
import ModelFiles
import Testing

/// Where prompts come from, and answers that go on, with the real model.
@Suite(.serialized, .ownThreads, .enabled(if: ModelFiles.areThere)) struct WritingTests {
  let program = Program()

  private func file(_ name: String, _ text: String, isExecutable: Bool = false) throws -> String {
    let path = program.home.path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: path))
    if isExecutable { try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path) }
    return path
  }

  private func promptTokens(_ arguments: [String], input: String = "") throws -> Int? {
    try program.json(["run", "-n", "1", "--json"] + arguments, input: input)["prompt_tokens"] as? Int
  }

  @Test func thePromptIsWordsAndWhatIsPipedIn() throws {
    let both = try promptTokens(["-p", "Sum up:\n\nthe text"])
    #expect(try promptTokens(["Sum up:"], input: "the text\n") == both)
    #expect(try promptTokens(["-p", "Sum up:"], input: "the text\n") == both)
    #expect(try promptTokens(["-p", "Sum up:", "-f", file("text.txt", "the text\n")]) == both)
    #expect(try promptTokens(["-p", "Sum up:", "-f", "-"], input: "the text\n") == both)
    let alone = try promptTokens(["-p", "Sum up:"])
    #expect(try promptTokens(["Sum up:"]) == alone && alone != both)
    let twice = try program.run(["run", "a", "-p", "b"])
    #expect(twice.status == 64 && twice.errors.contains("give the prompt once"))
  }

  /// What a loop of the shell reads its lines from is not a prompt's; a pipe that nobody writes to is not
  /// waited for.
  @Test func whatIsNotMeantForThePromptIsLeftAlone() throws {
    let loop = try program.shell(
      "printf 'one\\ntwo\\n' > lines; while read line; do $PARE run -p $line -n 1; done < lines")
    #expect(loop.output.split(separator: "\n").count == 2, "\(loop)")
    let idle = try program.shell("mkfifo idle; exec 3<>idle; $PARE run -p x -n 1 <idle")
    #expect(idle.status == 0 && idle.errors.contains("nothing came on stdin"), "\(idle)")
  }

  @Test func outputEndsWithALineEnd() throws {
    let answer = try program.run(["run", "Hi", "-n", "3"]).output
    #expect(answer.hasSuffix("\n") && !answer.hasSuffix("\n\n"))
  }

  /// Without -n an answer that repeats itself is stopped; with it, only where that is asked for too.
  @Test func loopsAreStoppedAndCounted() throws {
    let prompt = [
      "--raw", "-p", String(repeating: "note: ", count: 20), "--temp", "0", "--repeat-penalty", "1", "--json",
    ]
    let stopped = try program.json(["run"] + prompt)
    #expect(stopped["stop"] as? String == "loop")
    let loop = try #require(stopped["loop"] as? [String: Int])
    #expect(loop["from"] != nil && loop["period"] != nil)
    let counted = try program.json(["run", "-n", "400"] + prompt)
    #expect(counted["stop"] as? String == "length" && (counted["token_ids"] as? [Int])?.count == 400)
    #expect(counted["loop"] as? [String: Int] == loop)
    #expect(
      try program.json(["run", "-n", "400", "--loop-guard", "100"] + prompt)["stop"] as? String == "loop")
    let runs =
      try program.json(["compare", "--plan", "baseline", "-n", "100"] + prompt)["runs"] as? [[String: Any]]
    #expect(runs?.count == 2 && runs?.allSatisfy { $0["loop"] != nil } == true)
  }

  private func chat(_ arguments: String, editor: String = "true") async throws -> Tmux {
    let terminal = try Tmux(
      "--seed 1 \(arguments)", width: 100, height: 30, program: program,
      environment: ["EDITOR": editor, "VISUAL": ""])
    try await terminal.wait("the model") { $0.contains("attn 30/30") && $0.contains("›") }
    return terminal
  }

  /// Records of a kind in the journals.
  private func records(_ kind: String) -> Int {
    let folder = program.home.path + "/.local/share/pare/sessions/"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { count, name in
      let text = (try? String(contentsOfFile: folder + name, encoding: .utf8)) ?? ""
      return count + text.matches(of: try! Regex("\"kind\":\"\(kind)\"")).count
    }
  }

  @Test func aFullContextEndsNoChat() async throws {
    let terminal = try await chat("-c 256 --max-tokens 60")
    for number in 1...5 {
      try terminal.enter("Tell me fact number \(number) about the sea.")
      try await terminal.wait("answer \(number)") { _ in records("end") == number }
    }
    #expect(records("context") > 0)
    try terminal.press("PPage")  // it may stand above what the last answer shows
    try await terminal.wait("the cut") {
      $0.contains("left out from here on") || $0.contains("context begins")
    }
    try terminal.enter("/context")
    try await terminal.wait(for: "turns remembered")
    try terminal.enter("/forget all")
    try await terminal.wait(for: "forgotten, none left")
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  /// The terminal comes back whatever the editor does.
  @Test func editors() async throws {
    let good = try file("good", "#!/bin/sh\nprintf 'from the editor' >> \"$1\"\n", isExecutable: true)
    var terminal = try await chat("", editor: good)
    try terminal.type("typed ")
    try terminal.press("C-o")
    try await terminal.wait(for: "from the editor")
    try terminal.press("C-c")
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }

    for (name, script, said) in [
      (
        "killed", "stty raw -echo; printf '\\033[?1049l\\033[?1000l junk'; kill -9 $$",
        "ended with status 137"
      ),
      ("failed", "exit 3", "ended with status 3"),
      ("binary", "printf '\\000\\377' > \"$1\"", "not text in UTF-8"),
      ("gone", "rm \"$1\"", "there is no such file"),
    ] {
      let path = try file(name, "#!/bin/sh\n\(script)\n", isExecutable: true)
      terminal = try await chat("", editor: path)
      try terminal.type("typed")
      try terminal.press("C-o")
      try await terminal.wait(for: said)
      try terminal.type(" on")
      try await terminal.wait(for: "› typed on")
      try terminal.press("C-c")
      try terminal.enter("/quit")
      try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
    }
    terminal = try await chat("", editor: "/nowhere/editor")
    try terminal.press("C-o")
    try await terminal.wait(for: "there is no editor")
  }

  @Test func filesAreCompletedAndSent() async throws {
    let path = try file("facts.txt", "The treaty of Zorblax was signed by Mira Venn.\u{1B}[31m\n")
    let terminal = try await chat("--max-tokens 20")
    try terminal.type("Who signed it? @\(program.home.path)/fac")
    try await terminal.wait(for: "/facts.txt")
    try terminal.press("Tab")
    try terminal.press("Enter")
    try await terminal.wait(for: "Zorblax")
    try await terminal.wait("the answer") { !$0.contains("^C stops") }
    try terminal.enter("/read \(path)x")
    try await terminal.wait(for: "there is no such file")
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") }
  }
}
