import Foundation
import TestModels
import Testing

/// Thoughts on the command line: the answer alone is the output.
@Suite struct ThinkingCommandTests {
  let program = Program()

  @Test func theAnswerAloneIsTheOutput() throws {
    let thinker = Thinker()
    try TinyModel.thinking(thinker).withFile { path in
      let plain = try program.run(["run", "-m", path, "this?"])
      #expect(plain.status == 0 && plain.output == thinker.answerText + "\n")
      #expect(!plain.errors.contains("weigh"))
      let shown = try program.run(["run", "-m", path, "--show-thinking", "this?"])
      #expect(shown.output == plain.output && shown.errors.contains(thinker.thoughtText))
    }
  }

  @Test func theJSONHasBothParts() throws {
    let thinker = Thinker()
    func object(_ options: [String], _ path: String) throws -> [String: Any] {
      let result = try program.run(["run", "-m", path, "--json"] + options + ["this?"])
      #expect(result.status == 0)
      return try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any] ?? [:]
    }
    try TinyModel.thinking(thinker).withFile { path in
      let thinking = try object([], path)
      #expect(thinking["text"] as? String == thinker.answerText)
      #expect(thinking["reasoning"] as? String == thinker.thoughtText)
      #expect((thinking["thought"] as? [String: Any])?["tokens"] as? Int == thinker.thoughtTokens)
      for options in [["--think", "off"], ["--template-var", "enable_thinking=false"]] {
        let quiet = try object(options, path)
        #expect(quiet["text"] as? String == thinker.answerText && quiet["reasoning"] == nil)
      }
      let short = try object(["--think-budget", "2"], path)
      #expect(short["reasoning"] as? String == thinker.thought.prefix(2).joined())
    }
  }

  @Test func whatCannotBeHadIsSaid() throws {
    var thinker = Thinker()
    thinker.hasSwitch = false
    try TinyModel.thinking(thinker).withFile { path in
      let result = try program.run(["run", "-m", path, "--think", "off", "this?"])
      #expect(result.status == 0 && result.errors.contains("think_budget"))
      #expect(try program.run(["run", "-m", path, "--template-var", "x", "this?"]).status != 0)
    }
  }
}
