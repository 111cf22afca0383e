import Foundation
import ModelFiles
import TestModels
import Testing

/// Tokens that are opened, in the real program.
@Suite(.serialized, .ownThreads) struct TokenTests {
  private let program = Program()

  /// A model that thinks, in the program's home.
  private func model() throws -> String {
    let path = "\(program.home.path)/thinker.gguf"
    try TinyModel.thinking().write(to: path)
    return path
  }

  @Test func theCommandLineTellsHowTokensWereDrawn() throws {
    let path = try model()
    let json = try program.json(["run", "-m", path, "--json", "--logprobs", "4", "--temp", "0.7", "this?"])
    let ids = try #require(json["token_ids"] as? [Int])
    let draws = try #require(json["logprobs"] as? [[String: Any]])
    #expect(draws.map { $0["token"] as? Int } == ids)
    #expect(json["answer_tokens"] as? Int == Thinker().answerTokens)
    #expect(json["reasoning_tokens"] as? Int == Thinker().thoughtTokens)
    for draw in draws {
      let top = try #require(draw["top"] as? [[Double]])
      #expect(top.count == 4 && top.allSatisfy { $0.count == 2 } && top[0][0] == draw["token"] as? Double)
      #expect(top[0][1] == draw["logprob"] as? Double && draw["rank"] as? Int == 1)
      #expect((draw["top_text"] as? [String])?.first == draw["text"] as? String)
      #expect((draw["top_cut"] as? [Any])?.count == 4 && (draw["sampled"] as? Double ?? 0) > 0.5)
    }
    let none = try program.json(["run", "-m", path, "--json", "--logprobs", "0", "this?"])
    #expect(
      (none["logprobs"] as? [[String: Any]])?.allSatisfy { ($0["top"] as? [Any])?.isEmpty == true } == true)
    #expect(none["token_ids"] as? [Int] == ids)
    #expect(try program.json(["run", "-m", path, "--json", "this?"])["logprobs"] == nil)
    for bad in [["--json", "--logprobs", "21"], ["--logprobs", "3"], ["--json", "--logprobs", "-1"]] {
      #expect(try program.run(["run", "-m", path] + bad + ["this?"]).status == 64)
    }
  }

  /// Log-probabilities are those that `score` computes of the same text.
  @Test(.enabled(if: ModelFiles.areThere)) func agreesWithScore() throws {
    let prompt = "The capital of France is"
    let run = try program.json([
      "run", "--raw", "-p", prompt, "-n", "8", "--temp", "0", "--json", "--logprobs", "5",
    ])
    let text = prompt + (run["text"] as? String ?? "")
    let file = program.home.path + "/text.txt"
    try Data(text.utf8).write(to: URL(filePath: file))
    let score = try program.json(["score", "-f", file, "--top", "5", "--json"])
    let ids = try #require(score["ids"] as? [Int]), scores = try #require(score["logprob"] as? [Double])
    let tops = try #require(score["top"] as? [[Int]])
    let drawn = try #require(run["token_ids"] as? [Int])
    let draws = try #require(run["logprobs"] as? [[String: Any]])
    let first = ids.count - drawn.count
    try #require(Array(ids.dropFirst(first)) == drawn)
    for (index, draw) in draws.enumerated() {
      let logprob = try #require(draw["logprob"] as? Double)
      #expect(abs(exp(logprob) - exp(scores[first - 1 + index])) < 1e-6)
      let top = try #require(draw["top"] as? [[Double]])
      #expect(top.map { Int($0[0]) } == tops[first - 1 + index])
    }
  }

  /// Shaded, walked through, branched, and all of it there after a new start.
  @Test func walkBranchAndResume() async throws {
    let path = try model()
    var terminal = try Tmux("-m \(path) --session tokens --new", width: 100, height: 30, program: program)
    try await terminal.wait("the model") { $0.contains("attn 3/3") && $0.contains("›") }
    try terminal.enter("/shade surprise")
    try terminal.enter("Is it so?")
    try await terminal.wait("the answer as it was written") {
      $0.contains("It is **fine** either way.") && !$0.contains("^C stops") && $0.contains("6 nats")
    }
    // What follows a token of ours this model does not know: it shall end all the same.
    try terminal.enter("/set max_tokens 6")
    try await terminal.wait(for: "max_tokens is 6 now")
    try terminal.enter("/token")
    try await terminal.wait("its first word") { $0.contains("“It”") && $0.contains("rank 1") }
    try terminal.press("Right")
    try terminal.press("Right")
    try await terminal.wait("the third") { $0.contains("· “ **fine**”") }
    // Another one in its place.
    try terminal.press("f")
    try terminal.type(" way")
    try await terminal.wait(for: "instead:  way")
    try terminal.press("Enter")
    try await terminal.wait("a branch beside the answer") {
      $0.contains("It is way") && $0.contains("branch at token") && $0.contains("‹2/2›")
        && !$0.contains("^C stops")
    }
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") }

    terminal = try Tmux("-m \(path) --session tokens", width: 100, height: 30, program: program)
    try await terminal.wait("the branch") { $0.contains("attn 3/3") && $0.contains("It is way") }
    try terminal.enter("/token 0")
    try await terminal.wait("the thought's tokens") { $0.contains("Token 0 of") && $0.contains("▾ thought") }
    try terminal.press("End")
    // Which it is was drawn from a flat distribution.
    try await terminal.wait("the last token") { $0.contains("Token ") && !$0.contains("Token 0 of") }
    try terminal.press("Escape")
    try terminal.enter("/branch 1")
    try await terminal.wait("the first answer") {
      $0.contains("‹1/2›") && $0.contains(/It is (fine|\*\*fine\*\*) either way\./)
    }
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }

  /// Lines in, lines out: the same commands.
  @Test func linesWithoutAScreen() throws {
    let path = try model()
    let result = try program.run(
      ["chat", "-m", path, "--think", "off"], input: "Is it so?\n/token 2\n/quit\n")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("It is **fine** either way."))
    // The candidates go to stderr, as all that is told.
    #expect(result.errors.contains("before") && result.errors.contains("1● “ **fine**”"))
  }
}
