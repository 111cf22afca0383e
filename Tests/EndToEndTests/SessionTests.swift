import Foundation
import ModelFiles
import Testing

/// Sessions and settings of the built program, on a real disk and with a real model.
@Suite(.enabled(if: ModelFiles.areThere)) struct SessionTests {
  private let program = Program()

  private var sessions: String { program.home.path + "/.local/share/pare/sessions" }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: sessions).filter { $0.hasSuffix(".jsonl") }.sorted()
  }

  private func chat(_ options: String, _ lines: String...) throws -> Program.Result {
    let text = lines.map { $0 + "\n" }.joined()
    return try program.run(["chat"] + options.split(separator: " ").map(String.init), input: text)
  }

  @Test func aMistypedNameMakesNothing() throws {
    #expect(try chat("--session rivers --new", "/system Be brief.").status == 0)
    let typo = try chat("--session rivrs", "Hi")
    #expect(typo.status == 66 && typo.output.isEmpty)
    #expect(
      typo.errors.contains("there is no session “rivrs”; did you mean “rivers”?")
        && typo.errors.contains("--new begins it"), "\(typo.errors)")
    #expect(typo.errors.split(separator: "\n").count == 1)
    let taken = try chat("--session rivers --new", "Hi")
    #expect(taken.status == 66 && taken.errors.contains("there is a session “rivers” already"))
    let inside = try chat("--session rivers", "/sessions nobody", "/new rivers", "/new lakes", "/rename seas")
    #expect(
      inside.errors.contains("there is no session “nobody”")
        && inside.errors.contains("/new nobody begins it"), "\(inside.errors)")
    #expect(inside.errors.contains("there is a session “rivers” already"))
    #expect(try names() == ["rivers.jsonl", "seas.jsonl"])
  }

  @Test func theLastSessionGoesOn() throws {
    let none = try chat("--continue", "/quit")
    #expect(none.status == 0 && none.errors.contains("this one is new"), "\(none.errors)")
    for name in ["one", "two"] { _ = try chat("--session \(name) --new", "/system \(name)") }
    _ = try chat("--session one", "/drop attn 5")
    _ = try chat("--continue", "/rename three")
    #expect(try names() == ["three.jsonl", "two.jsonl"])
    #expect(try program.run(["sessions", "show", "three"]).output.contains("> one"))
    _ = try chat("--continue", "/rename four")
    #expect(try names() == ["four.jsonl", "two.jsonl"])
    // One that was deleted since does not come back.
    #expect(try program.run(["sessions", "delete", "four"]).errors.contains("pare sessions restore four"))
    #expect(try chat("--continue", "/system").errors.contains("system: two"))
    #expect(try program.run(["sessions", "restore", "four"]).output == "four\n")
    #expect(try program.run(["chat", "--continue", "--session", "two"]).status == 64)
  }

  @Test func sessionsAreFoundAndKept() throws {
    _ = try chat("--session one --new", "/system The Heron stands still.")
    _ = try chat("--session two --new", "/system Nothing.")
    let found = try program.run(["sessions", "search", "heron", "STANDS"])
    #expect(
      found.status == 0 && found.output.contains("one") && found.output.contains("The Heron stands still."))
    #expect(try program.run(["sessions", "search", "ostrich"]).status == 1)
    let json = try program.json(["sessions", "search", "heron", "--json"])
    #expect((json["sessions"] as? [[String: Any]])?.first?["excerpt"] as? String == "The Heron stands still.")
    #expect(try program.run(["sessions", "fork", "one"]).output == "one-2\n")
    #expect(try program.run(["sessions", "rename", "one-2", "two"]).status == 1)
    #expect(try program.run(["sessions", "rename", "one-2", "three"]).status == 0)
    #expect(try names() == ["one.jsonl", "three.jsonl", "two.jsonl"])
    let inside = try chat(
      "--session one", "/fork", "/delete two", "/undelete", "/export \(program.home.path)/a.md")
    #expect(
      inside.errors.contains("the copy one-2 is open now") && inside.errors.contains("saved"),
      "\(inside.errors)")
    #expect(try names() == ["one-2.jsonl", "one.jsonl", "three.jsonl", "two.jsonl"])
    #expect(try String(contentsOfFile: program.home.path + "/a.md", encoding: .utf8).hasPrefix("# one-2\n"))
    let same = try program.run(["sessions", "export", "one", "-o", "\(program.home.path)/a.md"])
    #expect(same.status == 66 && same.errors.contains("is there already"))
  }

  /// A session of a model that is not here is not opened with another in silence, nor does its plan go over.
  @Test func aSessionOfAnotherModel() throws {
    _ = try chat("--session one --new", "/drop attn 5", "/system Hi")
    let path = sessions + "/one.jsonl"
    var text = try String(contentsOfFile: path, encoding: .utf8)
    text.replace(/"model":\{[^}]*\}/, with: #""model":{"name":"Gone-1B","path":"/gone.gguf"}"#)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let refused = try chat("--session one", "/plan")
    #expect(
      refused.status == 66
        && refused.errors.contains("session “one” was with Gone-1B, which is not on this machine"),
      "\(refused.errors)")
    let taken = try chat("--session one -m \(ModelFiles.smolLM)", "/plan", "/undo", "/plan")
    #expect(
      taken.status == 0 && taken.errors.contains("was chosen for Gone-1B: the baseline is used"),
      "\(taken.errors)")
    #expect(
      taken.errors.contains("plan baseline: baseline") && taken.errors.contains("plan custom: attn −5"),
      "\(taken.errors)")
  }

  /// The figures of a replay are those that `pare compare` prints for the same prompt, plans and seed.
  @Test func aReplayHasTheFiguresOfTheCommandLine() throws {
    let prompt = "Name one river in Europe."
    _ = try chat(
      "--session sky --new --seed 7", prompt, "/drop attn 5", "/rerun",
      "/export replay \(program.home.path)/inside.html")
    let page = program.home.path + "/page.html"
    let result = try program.run([
      "sessions", "export", "sky", "--format", "replay", "-o", page, "--views", "attn,lens",
    ])
    #expect(result.status == 0, "\(result.errors)")
    func answers(_ path: String) throws -> [[String: Any]] {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let start = try #require(text.firstRange(of: "id=\"data\">")).upperBound
      let end = try #require(text[start...].firstRange(of: "</script>")).lowerBound
      let data = try JSONSerialization.jsonObject(with: Data(text[start..<end].utf8)) as? [String: Any]
      return try #require(data?["nodes"] as? [[String: Any]]).compactMap { $0["answer"] as? [String: Any] }
    }
    let found = try answers(page), inside = try answers(program.home.path + "/inside.html")
    let kl = try #require((found[1]["comparison"] as? [String: Any])?["kl"] as? [Double])
    #expect((inside[1]["comparison"] as? [String: Any])?["kl"] as? [Double] == kl)
    #expect((inside[1]["segments"] as? [[String: Any]])?.count == 1)
    let plan = program.home.path + "/lean.toml"
    try "drop.attention = [5]".write(toFile: plan, atomically: true, encoding: .utf8)
    let compared = try program.json([
      "compare", "-p", prompt, "--plan", "baseline", "--plan", plan, "--seed", "7", "-n", "2000", "--json",
    ])
    #expect(kl == compared["kl"] as? [Double])
    let runs = try #require(compared["runs"] as? [[String: Any]])
    #expect((found[1]["pieces"] as? [String])?.joined() == runs[1]["text"] as? String)
    #expect((found[0]["segments"] as? [[String: Any]])?.first?["plan_text"] as? String == "baseline")
  }

  @Test func settingsAreBegunAndChecked() throws {
    let path = program.home.path + "/.config/pare/settings.toml"
    #expect(try program.run(["config", "--init"]).errors == "written: \(path)\n")
    let checked = try program.run(["config"])
    #expect(
      checked.status == 0 && checked.output == "\(path)\n" && checked.errors == "it changes nothing\n",
      "\(checked)")
    #expect(try program.run(["config", "--init"]).status == 66)
    try "thread = 2\n[keys]\n\"layers.undo\" = \"Foo\"".write(toFile: path, atomically: true, encoding: .utf8)
    let warned = try program.run(["config"])
    #expect(
      warned.status == 1
        && warned.errors.hasPrefix(
          "\(path):1:1: unknown setting “thread”, did you mean “threads”?\n\(path):3:1: layers.undo: “Foo” is not a key"
        ), "\(warned.errors)")
    try "theme = \"drak\"\nmodel = \"nobody\"".write(toFile: path, atomically: true, encoding: .utf8)
    let names = try program.run(["config"])
    #expect(
      names.status == 1 && names.errors.contains("\(path):1:9: ")
        && names.errors.contains("\(path):2:9: there is no model “nobody”"), "\(names.errors)")
    #expect(
      try program.run(["run", "-p", "Hi", "-n", "1"]).errors.hasPrefix("pare: \(path):2:9: there is no model")
    )
    let themeless = try program.run(["chat", "-m", ModelFiles.smolLM], input: "/quit\n")
    #expect(themeless.status == 0 && themeless.errors.contains("\(path):1:9: "), "\(themeless.errors)")
    try "\nthreads = 0".write(toFile: path, atomically: true, encoding: .utf8)
    let refused = try program.run(["config"])
    #expect(
      refused.status == 1
        && refused.errors == "pare: \(path):2:11: “threads” must be a whole number from 1 to 1024\n")
    #expect(try program.run(["chat"], input: "Hi\n").errors.contains(":2:11:"))
  }

  /// By keys, on a terminal.
  @Test(.ownThreads) func theListOnAScreen() async throws {
    _ = try chat("--session herons --new", "/system The heron stands still.")
    let terminal = try Tmux("--session hrons", width: 100, height: 30, program: program)
    try await terminal.wait(for: "Begin it? [y/N]")
    try terminal.press("y", "Enter")
    try await terminal.wait(for: "attn 30/30")
    try terminal.enter("/sessions")
    try await terminal.wait(for: "Sessions · 2")
    try terminal.type("/STILL")
    try await terminal.wait("the excerpt") {
      $0.contains("Sessions · 1 of 2") && $0.contains("The heron stands still.")
    }
    try terminal.press("Enter")
    try await terminal.wait("the other session") {
      $0.contains("session herons") && $0.contains("The heron stands still.") && !$0.contains("Sessions ·")
    }
    try terminal.enter("/sessions")
    try await terminal.wait(for: "Sessions · 2")
    try terminal.press("G", "d")
    try await terminal.wait(for: "u brings it back")
    try terminal.press("u")
    try await terminal.wait(for: "is back")
    try terminal.press("Escape")
    try await terminal.wait("the list is closed") { !$0.contains("Sessions ·") }
    try terminal.enter("/quit")
    try await terminal.wait(for: "exit status 0")
    #expect(try names() == ["herons.jsonl", "hrons.jsonl"])
  }
}
