import Foundation
import TestModels
import Testing

/// Models that think, in the real program on a real terminal. They are tiny and always say the same.
@Suite(.serialized, .ownThreads) struct ThinkingTests {
  /// A model in the program's home.
  private func model(
    _ program: Program, _ name: String = "thinker", _ change: (inout Thinker) -> Void = { _ in }
  ) throws -> String {
    var thinker = Thinker()
    change(&thinker)
    let path = "\(program.home.path)/\(name).gguf"
    try TinyModel.thinking(thinker).write(to: path)
    return path
  }

  private func chat(
    _ program: Program, _ model: String, _ arguments: String = "", width: Int = 100, height: Int = 30
  ) async throws -> Tmux {
    let terminal = try Tmux("-m \(model) \(arguments)", width: width, height: height, program: program)
    try await terminal.wait("the model") { $0.contains("attn 3/3") && $0.contains("›") }
    return terminal
  }

  private let thinker = Thinker()
  /// Words of the thought and of the answer as the screen has them.
  private let thought = "│ Let me weigh this", answer = "It is fine either way."

  private func hasAnswered(_ screen: String) -> Bool {
    screen.contains("▸ thought for ") && screen.contains(answer) && !screen.contains("^C stops")
  }

  @Test func thinksFoldsAndUnfolds() async throws {
    let program = Program()
    let terminal = try await chat(program, try model(program))
    try terminal.enter("Is it so?")
    try await terminal.wait("an answer under its folded thought") { hasAnswered($0) && !$0.contains(thought) }
    let screen = try terminal.screen()
    #expect(screen.contains("\(thinker.thoughtTokens) tokens"))
    #expect(!screen.contains("<think>") && !screen.contains("</think>"))
    try terminal.press("F3")
    try await terminal.wait("the thought") { $0.contains("▾ thought for ") && $0.contains(thought) }
    try terminal.press("F3")
    try await terminal.wait("the line alone") { $0.contains("▸ thought for ") && !$0.contains(thought) }
    // A rerun under another plan: both columns have their thoughts.
    try terminal.enter("/drop attn 1")
    try await terminal.wait(for: "attn 2/3")
    try terminal.enter("/rerun")
    try await terminal.wait("two columns") {
      $0.contains(
        "the same answer · thoughts \(thinker.thoughtTokens) tokens → \(thinker.thoughtTokens) tokens")
    }
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  @Test func isSwitchedOffRememberedAndResumed() async throws {
    let program = Program()
    let path = try model(program)
    var terminal = try await chat(program, path, "--session talk --new")
    try terminal.enter("Is it so?")
    try await terminal.wait("a thought") { hasAnswered($0) }
    try terminal.enter("/think off")
    try await terminal.wait(for: "think off")
    try terminal.enter("And now?")
    try await terminal.wait("an answer without a thought") { screen in
      screen.matches(of: /It is fine either way/).count == 2
        && screen.matches(of: /thought for/).count == 1 && !screen.contains("^C stops")
    }
    try terminal.enter("/quit")
    try await terminal.wait(for: "exit status 0")
    terminal.close()

    // The session goes on as it was, both parts of its answers and the switch.
    terminal = try await chat(program, path, "--session talk")
    try await terminal.wait("what was said") { screen in
      screen.contains("think off") && screen.matches(of: /It is fine either way/).count == 2
        && screen.matches(of: /▸ thought for/).count == 1
    }
    try terminal.press("F3")
    try await terminal.wait(for: thought)
    try terminal.enter("/think default")
    try await terminal.wait("the switch is back") { !$0.contains("think off") }
    try terminal.enter("/retry")
    try await terminal.wait("a thought again") { $0.matches(of: /thought for/).count == 2 }
  }

  @Test func aBudgetClosesTheThought() async throws {
    let program = Program()
    let terminal = try await chat(program, try model(program) { $0.neverEnds = true }, "-c 65536")
    try terminal.enter("/think budget 20")
    try await terminal.wait(for: "at most 20 tokens")
    try terminal.enter("Is it so?")
    try await terminal.wait("an answer after the budget") { hasAnswered($0) }
    try terminal.enter("/think budget off")
    try terminal.enter("/set loop_guard 0")
    try await terminal.wait(for: "loop_guard is 0")
    try terminal.enter("Is it really so?")
    try await terminal.wait("a thought that goes on") {
      // Its line may be out of sight, and its figures are not.
      $0.contains(/\^C stops  thinking · [0-9,]+ tokens · [0-9]+ s/) && $0.contains("│ │ ")
    }
    try terminal.press("C-c")
    try await terminal.wait("its end") { !$0.contains("^C stops") && !$0.contains("thinking · ") }
    try terminal.press("F3")
    try await terminal.wait("the line alone, which says so") {
      $0.contains("▸ thought for ") && $0.contains("no answer came") && $0.contains("stopped in its thought")
    }
  }

  @Test func whatCannotBeSwitchedSaysSo() async throws {
    let program = Program()
    let path = try model(program) {
      $0.hasSwitch = false
      $0.isOpenedByTemplate = true
    }
    let terminal = try await chat(program, path)
    try terminal.enter("/think off")
    try await terminal.wait(for: "/think budget 0")
    try terminal.enter("/think budget 0")
    try await terminal.wait(for: "closed at once")
    try terminal.enter("Is it so?")
    try await terminal.wait("an answer alone") { $0.contains(answer) && !$0.contains("│ Let") }
  }

  /// Markers that are control tokens are never shown, and no other text of them either.
  @Test func controlMarkersAreNotShown() async throws {
    let program = Program()
    let terminal = try await chat(program, try model(program) { $0.hasControlMarkers = true })
    try terminal.enter("Is it so?")
    try await terminal.wait("an answer under its thought") { hasAnswered($0) && !$0.contains("think>") }
    try terminal.press("F3")
    try await terminal.wait("the thought without markers") { $0.contains(thought) && !$0.contains("think>") }
  }

  /// Without a terminal the answer alone is the output.
  @Test func linesGetTheAnswerAlone() throws {
    let program = Program()
    let path = try model(program)
    let result = try program.run(["chat", "-m", path], input: "Is it so?\n/think off\nAnd now?\n")
    #expect(result.status == 0)
    #expect(result.output == "\(thinker.answerText)\n\(thinker.answerText)\n")
    #expect(result.errors.contains("thought for "))
    #expect(!result.errors.contains("Let me weigh"), "nobody reads along")
  }
}
