import Foundation
import ModelFiles
import Testing

/// The program on a real terminal, with the real model.
@Suite(.serialized, .ownThreads, .enabled(if: ModelFiles.areThere)) struct TerminalTests {
  /// A chat of a hundred and twenty columns whose model is loaded.
  private func chat(
    _ arguments: String = "--seed 1", width: Int = 120, height: Int = 40, program: Program = Program()
  ) async throws -> Tmux {
    let terminal = try Tmux(arguments, width: width, height: height, program: program)
    try await terminal.wait("the model") { $0.contains("attn 30/30") && $0.contains("›") }
    return terminal
  }

  /// Options for an answer that goes on until it is stopped, however slow the machine: without the tokens that end
  /// a turn, and free to repeat itself.
  private static let endless = "--logit-bias 0-inf,2-inf --loop-guard 0"

  /// Whether an answer is there and none is being written, which shows in what ^C would do.
  private func hasAnswered(_ screen: String) -> Bool {
    screen.contains(#/· [0-9.,]+ tok/s · /#) && !screen.contains("^C stops")
  }

  @Test func chatDropRerunCompareResizeQuit() async throws {
    let terminal = try await chat()
    try await terminal.wait("the panes") {
      $0.contains("Chat") && $0.contains("Layers") && $0.contains("Speed")
    }

    try terminal.enter("What is the capital of France? Answer in one sentence.")
    try await terminal.wait(for: "Paris")
    try await terminal.wait("the whole answer, with its speed") { hasAnswered($0) }

    try terminal.enter("/drop attn 5 7-9")
    try await terminal.wait(for: "attn 26/30")
    try terminal.enter("/rerun")
    // What the earlier answer had said already is not decoded again, and has no speed of its own.
    try await terminal.wait("two columns, and what the second took from the first") {
      $0.contains(" drafted") && $0.contains(/KL [0-9.]+/)
        && $0.contains(/A baseline · [0-9.,]+ tok\/s ─.* B attn −4/)
    }

    try terminal.resize(width: 80, height: 24)
    try await terminal.wait("the smaller layout") { screen in
      let rows = screen.split(separator: "\n", omittingEmptySubsequences: false)
      return screen.contains("attn 26/30") && rows.allSatisfy { $0.count <= 80 }
        && rows.contains { $0.contains("›") }
    }
    try terminal.resize(width: 120, height: 40)
    try await terminal.wait(for: "Layers")
    try terminal.enter("/restore all")
    try await terminal.wait(for: "attn 30/30")

    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  /// The other models of the catalogue.
  @Test(
    arguments: [
      ("gemma-3-270m-q4_k_m", "attn 18/18"), ("qwen2.5-coder-1.5b-instruct-q4_k_m", "attn 28/28"),
    ].filter { FileManager.default.fileExists(atPath: "\(ModelFiles.folder)/\($0.0).gguf") })
  func otherModelsChat(model: String, layers: String) async throws {
    let terminal = try Tmux("-m \(model) --seed 1", width: 120, height: 40)
    try await terminal.wait("the model") { $0.contains(layers) && $0.contains("Q4_K_M") }
    try terminal.enter("/set temperature 0")
    try terminal.enter("What is the capital of France?")
    try await terminal.wait(for: "Paris")
    try await terminal.wait("the answer's end") { hasAnswered($0) }
    try terminal.enter("/drop attn 12")
    try await terminal.wait(for: layers.replacing(/attn (\d+)\//) { "attn \(Int($0.1)! - 1)/" })
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  @Test func setChoosesSampling() async throws {
    let terminal = try await chat()
    try terminal.enter("/set dry_multiplier 0.8")
    try await terminal.wait(for: "dry_multiplier is 0.8 now")
    try terminal.enter("/set dry_breakers a b,\\n")
    try await terminal.wait(for: "dry_breakers is a b,\\n now")
    try terminal.enter("/set mirostat 3")
    try await terminal.wait(for: "“3” is not a whole number from 0 to 2")
    try terminal.enter("/set")
    try await terminal.wait("the values") {
      $0.contains(/dry_multiplier +0\.8 +chosen/) && $0.contains(/dry_breakers +a b,\\n +chosen/)
        && $0.contains(/mirostat +0 +the default/)
    }
    try terminal.press("Escape")
    try await terminal.wait("the end of the page") { !$0.contains("the default") }
    try terminal.enter("What is the capital of France? Answer in one sentence.")
    try await terminal.wait(for: "Paris")
  }

  /// The welcome leads to an answer; what was sent can be seen, and the models that there are.
  @Test func theFirstMinute() async throws {
    let terminal = try await chat()
    try await terminal.wait(for: "Enter asks: What does the heart do?")
    try terminal.press("Enter")
    try await terminal.wait("the whole answer") { $0.contains("blood") && hasAnswered($0) }
    try terminal.enter("/prompt")
    try await terminal.wait("its tokens") {
      $0.contains("The prompt · ") && $0.contains("<|im_start|>user") && $0.contains("the file's template")
    }
    try terminal.press("Escape")
    try await terminal.wait("the end of the page") { !$0.contains("The prompt · ") }
    try terminal.enter("/model")
    try await terminal.wait("the models, looked into") {
      $0.contains("┌ Models ─") && $0.contains("answers: its file has a chat template")
    }
  }

  @Test func theChatAloneIsRemembered() async throws {
    let program = Program()
    for isFirst in [true, false] {
      let terminal = try await chat(program: program)
      if isFirst {
        try await terminal.wait(for: "Layers")
        try terminal.press("F2")
      }
      try await terminal.wait("the chat alone") { $0.contains("┌ Chat ─") && !$0.contains("Layers") }
      try terminal.press("a")
      try await terminal.wait("the same while one types") { $0.contains("› a") && !$0.contains("Layers") }
      try terminal.press("C-u")
      try terminal.enter("/quit")
      try await terminal.wait("a clean end") { $0.contains("exit status 0") }
    }
  }

  @Test func keysOfTheLayersPane() async throws {
    let terminal = try await chat()
    try terminal.press("Tab")
    try terminal.press("j", "j", "Space")
    try await terminal.wait(for: "attn 29/30")
    try terminal.press("m")
    try await terminal.wait(for: "mlp 29/30")
    try terminal.press("u")
    try await terminal.wait(for: "mlp 30/30")
    try terminal.press("u")
    try await terminal.wait(for: "attn 30/30")
    try terminal.press("U")
    try await terminal.wait(for: "attn 29/30")
  }

  @Test func bitsOfTheWholeModel() async throws {
    let terminal = try await chat()
    try terminal.enter("/bits 8")
    try await terminal.wait(for: "8.5 b/w")
    try terminal.enter("/bits 4")
    try await terminal.wait(for: "4.7 b/w")
    try terminal.enter("/bits native")
    try await terminal.wait(for: "5.7 b/w")
  }

  @Test func controlCStopsAnAnswer() async throws {
    let terminal = try await chat("--seed 1 \(Self.endless)")
    try terminal.enter("Write a very long story about the sea, of at least two thousand words.")
    try await terminal.wait("an answer under way") { $0.contains("^C stops") }
    try terminal.press("C-c")
    try await terminal.wait(for: "stopped")
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  /// Damage fills in beside the chat, ^C keeps it, a search offers plans, and one of them is used and undone.
  @Test func measuresAndSearches() async throws {
    let terminal = try await chat("--seed 1 --temp 0")
    try terminal.enter("/measure 64")
    try await terminal.wait(for: "damage (KL)")
    try terminal.enter("What is the capital of France? Answer in one sentence.")
    try await terminal.wait(for: "Paris")
    // The notice may have come and gone while the answer was waited for.
    try await terminal.wait("all damage") {
      $0.contains("drops over 64 tokens; least KL") || !$0.contains("measuring damage")
    }
    try terminal.enter("/search drop=2 attn 40")
    try await terminal.wait(for: "searching")
    try await terminal.wait("the frontier", seconds: 90) {
      $0.contains("Plans for drop=2") && $0.contains("filled: the frontier")
    }
    try terminal.press("Enter")
    try await terminal.wait(for: "attn 28/30")
    try terminal.enter("/undo")
    try await terminal.wait(for: "attn 30/30")
    try terminal.enter("/measure 2000")
    try await terminal.wait(for: "measuring damage")
    try terminal.press("C-c")
    // The notice may have come and gone here too.
    try await terminal.wait("the end of measuring") { !$0.contains("measuring damage") }
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  @Test func aSessionGoesOnWhereItStopped() async throws {
    let program = Program()
    let first = try await chat("--session rivers --new --seed 1", program: program)
    try first.enter("Name one river in Europe.")
    try await first.wait("an answer") { hasAnswered($0) }
    try first.enter("/drop attn 12")
    try await first.wait(for: "attn 29/30")
    try first.enter("/quit")
    try await first.wait(for: "exit status 0")

    let second = try Tmux("--session rivers", width: 120, height: 40, program: program)
    try await second.wait("what was said, and the plan") {
      $0.contains("Name one river in Europe.") && $0.contains("attn 29/30")
    }
  }

  /// However it ends, the terminal comes back as it was.
  @Test(arguments: [
    (SIGTERM, 143), (SIGHUP, 129), (SIGUSR1, 138), (SIGALRM, 142), (SIGXCPU, 152), (34, 162),
  ])
  func signalsRestoreTheTerminal(_ signal: Int32, _ status: Int) async throws {
    let terminal = try await chat()
    kill(try terminal.processID(), signal)
    try await terminal.wait("a restored terminal") {
      $0.contains("exit status \(status)") && $0.contains("modes restored")
    }
  }

  /// However the hangup is told, in mid-answer too, the program ends in order, and what was said is kept.
  @Test(arguments: [":", "''"]) func aTerminalThatIsClosed(_ hangup: String) async throws {
    let program = Program()
    let terminal = try Tmux(
      "--seed 1 \(Self.endless) --session long --new", width: 100, height: 30, program: program,
      hangup: hangup)
    try await terminal.wait(for: "attn 30/30")
    try terminal.enter("Write a long story about the sea.")
    try await terminal.wait("an answer under way") { $0.contains("^C stops") }
    terminal.close()
    var ended: String?
    for _ in 0..<1000 where ended == nil {
      try await Task.sleep(for: .milliseconds(20))
      ended = try? String(contentsOfFile: terminal.statusPath, encoding: .utf8)
    }
    #expect(ended == "129\n")
    let shown = try program.run(["sessions", "show", "long"])
    #expect(shown.output.contains("a long story about the sea"), "\(shown)")
    let log = try? String(contentsOfFile: program.home.path + "/.local/state/pare/pare.log", encoding: .utf8)
    #expect((log ?? "").isEmpty, "a crash")
  }

  @Test func aCrashRestoresTheTerminal() async throws {
    let program = Program()
    let terminal = try await chat(program: program)
    try terminal.enter("/drop attn 5")
    try await terminal.wait(for: "attn 29/30")
    kill(try terminal.processID(), SIGSEGV)
    try await terminal.wait("a restored terminal") {
      $0.contains("exit status 139") && $0.contains("modes restored")
    }
    let log = program.home.path + "/.local/state/pare/pare.log"
    // The path may be wrapped.
    #expect(
      try terminal.screen().replacing("\n", with: "").contains("crashed (SIGSEGV); the report is in \(log)"))
    let report = try String(contentsOfFile: log, encoding: .utf8)
    #expect(
      report.contains(/Z pare \d+\.\d+\.\d+ crashed: SIGSEGV, sent by a program, thread pare\n/),
      "\(report)")
    #expect(report.contains("command: chat\nmodel: \(Program.model)\nplan: attn −5\n"), "\(report)")
    #expect(report.matches(of: /\[0x[0-9a-f]+\]\n/).count > 3, "\(report)")
  }

  /// Without a screen: one line, the same report, and no question.
  @Test func aCrashOfACommandIsReported() async throws {
    let program = Program()
    let result = try program.shell(
      "$PARE run -p Hi -n 5000 \(Self.endless) --drop-attn 3 > out & "
        + "while [ ! -s out ]; do sleep .1; done; kill -BUS $!; wait $!")
    #expect(result.status == 135)
    let log = program.home.path + "/.local/state/pare/pare.log"
    #expect(result.errors.contains("crashed (SIGBUS); the report is in \(log)\n"))
    #expect(!result.errors.contains("Backtrac"))
    let report = try String(contentsOfFile: log, encoding: .utf8)
    #expect(report.contains("command: run\nmodel: ") && report.contains("\nplan: attn −3\n"), "\(report)")
  }

  @Test func pasteOfSeveralLinesStaysOneMessage() async throws {
    let terminal = try await chat()
    try terminal.paste("first line\nsecond line")
    try await terminal.wait("both lines in the input") {
      $0.contains("first line") && $0.contains("second line")
    }
    #expect(try !terminal.screen().contains("you"))
    try terminal.enter("")
    try await terminal.wait("the message") { $0.contains("you") }
  }

  /// From large to absurd: nothing crashes, and the way back is open.
  @Test func everySize() async throws {
    let terminal = try await chat()
    for (width, height) in [(200, 60), (80, 24), (59, 20), (40, 10), (20, 5), (19, 4), (2, 2), (1, 1)] {
      try terminal.resize(width: width, height: height)
      try await terminal.wait("a redrawn screen") { screen in
        screen.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.count <= width }
      }
    }
    try terminal.resize(width: 120, height: 40)
    try await terminal.wait(for: "attn 30/30")
    try terminal.enter("/quit")
    try await terminal.wait(for: "modes restored")
  }

  @Test(arguments: ["dumb", "vt100", "xterm-nonsense"])
  func poorTerminals(_ term: String) async throws {
    let terminal = try Tmux("--seed 1", width: 100, height: 30, environment: ["TERM": term])
    try await terminal.wait("a prompt") { $0.contains("›") || $0.contains(">") }
    try terminal.enter("What is the capital of France?")
    try await terminal.wait(for: "Paris")
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  @Test func worksInAPipe() throws {
    let result = try Program().run(
      ["chat", "--temp", "0"], input: "What is the capital of France?\n/drop attn 5\n/rerun\n/quit\n")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.matches(of: /Paris/).count >= 2, "\(result.output)\n\(result.errors)")
    #expect(!result.output.contains("\u{1b}"))
  }

  @Test func aMissingModelIsSaidInOneLine() async throws {
    let terminal = try Tmux("-m /nowhere/model.gguf", width: 80, height: 24)
    let screen = try await terminal.wait("the end") {
      $0.contains("exit status 66") && $0.contains("modes ")
    }
    #expect(screen.contains("/nowhere/model.gguf"))
    #expect(screen.contains("modes restored"))
  }
}
