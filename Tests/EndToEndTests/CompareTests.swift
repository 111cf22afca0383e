import Foundation
import FoundationXML
import GGUF
import TestModels
import Testing

/// `pare compare`, on tiny models whose tokens are single characters.
@Suite struct CompareTests {
  let program = Program()

  /// Each printable character is a token, and nothing else is drawn, so that a text has one sequence of tokens.
  private static var model: TinyModel {
    var model = TinyModel.llama().endless
    model.metadata["tokenizer.ggml.suppress_tokens"] = .array(MetadataArray([0, 1, 2] as [Int32]))
    return model
  }

  private func file(_ name: String, _ text: String) throws -> String {
    let path = program.home.path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  /// The log-probabilities after each token of a text in double precision, from what `score` writes.
  private func distributions(_ path: String, _ text: String, _ plan: [String]) throws -> [[Double]] {
    let input = try file("text.txt", text), output = program.home.path + "/logits-\(UUID().uuidString)"
    let result = try program.run(["score", "-m", path, "-f", input, "--logits", output] + plan)
    #expect(result.status == 0, "\(result.errors)")
    let data = try Data(contentsOf: URL(filePath: output))
    let values = data.withUnsafeBytes { $0.bindMemory(to: Float.self).map { Double($0) } }
    return stride(from: 0, to: values.count, by: TinyModel.vocabulary).map { start in
      let row = values[start..<start + TinyModel.vocabulary], most = row.max()!
      let total = most + log(row.reduce(0) { $0 + exp($1 - most) })
      return row.map { $0 - total }
    }
  }

  @Test func divergenceIsThatOfFullDistributions() throws {
    try Self.model.withFile { path in
      let plan = ["--drop-attn", "2", "--bits-mlp", "4"]
      let json = try program.json(
        ["compare", "-m", path, "--raw", "-p", "ab", "-n", "80", "--seed", "5", "--json"] + plan)
      let runs = try #require(json["runs"] as? [[String: Any]])
      try #require(runs.count == 2)
      let others = try #require(runs[1]["on_first"] as? [String: Any])
      for (figures, run, writer) in [(others, runs[0], 0), (runs[1], runs[1], 1)] {
        let text = "ab" + (try #require(run["text"] as? String))
        let ids = try #require(run["token_ids"] as? [Int])
        let a = try distributions(path, text, []), b = try distributions(path, text, plan)
        try #require(a.count == ids.count + 2 && b.count == a.count, "each character is a token")
        let kl = try #require(figures["kl"] as? [Double]), js = try #require(figures["js"] as? [Double])
        let rank = try #require(figures["rank"] as? [Int]), top = try #require(figures["top"] as? [[Int]])
        let probability = try #require(figures["top_probability"] as? [[Double]])
        for index in ids.indices {
          let (p, q) = (a[index + 1], b[index + 1])
          var expectedKL = 0.0, expectedJS = 0.0
          for (p, q) in zip(p, q) {
            let middle = log((exp(p) + exp(q)) / 2)
            expectedKL += exp(p) * (p - q)
            expectedJS += 0.5 * exp(p) * (p - middle) + 0.5 * exp(q) * (q - middle)
          }
          #expect(abs(kl[index] - expectedKL) < 1e-4 && abs(js[index] - expectedJS) < 1e-4, "token \(index)")
          let other = writer == 0 ? q : p
          #expect(rank[index] == 1 + other.count { $0 > other[ids[index]] })
          #expect(top[index] == [p, q].map { $0.firstIndex(of: $0.max()!)! })
          for (value, row) in zip(probability[index], [p, q]) { #expect(abs(value - exp(row.max()!)) < 1e-4) }
        }
        #expect(abs((figures["kl_mean"] as? Double ?? 0) - kl.reduce(0, +) / Double(kl.count)) < 1e-9)
        let worst = try #require(figures["worst"] as? [Int])
        #expect(worst.map { kl[$0] } == kl.sorted(by: >).prefix(10).map { $0 })
      }
      #expect((json["kl"] as? [Double]) == (runs[1]["kl"] as? [Double]) && json["verdict"] is String)
    }
  }

  @Test func identicalPlansAreTheSame() throws {
    try Self.model.withFile { path in
      let arguments = ["compare", "-m", path, "-p", "ab", "-n", "70", "--plan", "baseline"]
      let json = try program.json(arguments + ["--json"])
      let runs = try #require(json["runs"] as? [[String: Any]])
      for figures in [runs[1], try #require(runs[1]["on_first"] as? [String: Any])] {
        #expect((figures["kl"] as? [Double])?.count == 70 && figures["same_top"] as? Double == 1)
        #expect((figures["kl"] as? [Double])?.allSatisfy { $0 == 0 } == true)
        #expect((figures["js"] as? [Double])?.allSatisfy { $0 == 0 } == true)
        #expect((figures["worst"] as? [Int])?.isEmpty == true)
      }
      #expect(json["split"] is NSNull)
      let text = try program.run(arguments).output
      #expect(text.contains("B predicts the same as A") && text.contains("the answers are the same"))
      // No speed is claimed of one run each.
      #expect(text.contains("speeds of one run each say nothing") && !text.contains("faster"))
      let turns = try program.run(arguments + ["--turns", "3"]).output
      #expect(
        turns.contains(/the difference in speed is within noise \(3 turns, [0-9.]+–[0-9.]+×\)/), "\(turns)")
    }
  }

  /// The options of a plan change the last one that is named.
  @Test func takesTheOptionsOfAPlan() throws {
    let lean = try file("lean.toml", "[drop]\nattention = [1]\n")
    try Self.model.withFile { path in
      func drops(_ arguments: [String]) throws -> [[Int]] {
        let json = try program.json(["compare", "-m", path, "-p", "ab", "-n", "2", "--json"] + arguments)
        return try #require(json["runs"] as? [[String: Any]]).map {
          (($0["plan"] as? [String: Any])?["drop"] as? [String: Any])?["attention"] as? [Int] ?? []
        }
      }
      let found = [
        try drops(["--drop-attn", "3"]), try drops(["--plan", lean, "--drop-attn", "3"]),
        try drops(["--plan", lean, "--plan", lean, "--drop-attn", "3"]),
        try drops(["--plan", lean, "--plan", "baseline"]),
      ]
      #expect(found == [[[], [3]], [[], [1, 3]], [[1], [1, 3]], [[1], []]])
    }
  }

  @Test func severalPrompts() throws {
    let lines = try file("prompts.txt", "ab\n\ncd\nef\n")
    let json = try file("prompts.jsonl", "\"ab\"\n{\"prompt\": \"cd\", \"system\": \"be brief\"}\n")
    let wrong = try file("wrong.jsonl", "\"ab\"\n{\"promt\": \"cd\"}\n")
    try Self.model.withFile { path in
      let arguments = ["compare", "-m", path, "-n", "20", "--seed", "3", "--drop-attn", "2"]
      let object = try program.json(arguments + ["-f", lines, "--json"])
      let prompts = try #require(object["prompts"] as? [[String: Any]])
      #expect(prompts.map { $0["prompt"] as? String } == ["ab", "cd", "ef"])
      let means = try #require((object["means"] as? [[String: Any]])?.first)
      let kl = try #require(means["kl"] as? [String: Double])
      // The mean over prompts of the means over both texts, and Student's t with two degrees of freedom.
      let values = prompts.map { prompt in
        let all =
          (prompt["kl"] as? [Double] ?? [])
          + ((prompt["on_first"] as? [String: Any])?["kl"] as? [Double] ?? [])
        return all.reduce(0, +) / Double(all.count)
      }
      let mean = values.reduce(0, +) / 3
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
      #expect(abs(kl["mean"]! - mean) < 1e-9 && means["prompts"] as? Int == 3)
      #expect(abs(kl["high"]! - mean - 4.303 * deviation / 3.0.squareRoot()) < 1e-9 && kl["low"]! >= 0)
      // One prompt alone is what it is among others.
      let alone = try program.json(arguments + ["-p", "cd", "--json"])
      #expect(alone["kl"] as? [Double] == prompts[1]["kl"] as? [Double])
      let text = try program.run(arguments + ["--prompts", json])
      #expect(
        text.status == 0 && text.output.contains("── prompt 2: cd") && text.errors.contains("2 prompts"))
      #expect(text.output.contains("95 % intervals by Student's t"))
      let refused = try program.run(arguments + ["-f", wrong])
      #expect(
        refused.status == 66 && refused.errors.contains("wrong.jsonl:2: is no prompt"), "\(refused.errors)")
      #expect(try program.run(arguments + ["-f", lines, "-p", "x"]).status == 64)
    }
  }

  @Test func reportsAreWrittenByTheirEnding() throws {
    try Self.model.withFile { path in
      let arguments = ["compare", "-m", path, "-p", "a<b>&", "-n", "20", "--drop-attn", "2"]
      for (name, mark) in [
        ("r.html", "<!DOCTYPE html>"), ("r.md", "# Comparison of plans"), ("r.json", "{"),
        ("r.txt", "── baseline"),
      ] {
        let output = program.home.path + "/" + name
        let result = try program.run(arguments + ["-o", output])
        #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(text.hasPrefix(mark) && text.hasSuffix("\n"), "\(name)")
        if name == "r.html" {
          #expect(XMLParser(data: Data(text.utf8)).parse() && text.contains("a&lt;b&gt;&amp;"))
        }
        #expect(try program.run(arguments + ["-o", output]).status == 66, "nothing is replaced unasked")
      }
      #expect(try program.run(arguments + ["--format", "md"]).output.hasPrefix("# Comparison"))
      #expect(try program.run(arguments + ["-o", "x.pdf"]).status == 64)
      #expect(try program.run(arguments + ["--json", "--format", "html"]).status == 64)
    }
  }

  /// Predictions that are no numbers are called so in each form, and never a KL of 0: here those of A, after a
  /// token that only B says.
  @Test func whatIsNoNumberIsSaid() throws {
    var sound = TinyModel.qwen2().endless
    sound.metadata["tokenizer.ggml.suppress_tokens"] = .array(MetadataArray([0, 1, 2] as [Int32]))
    let index = sound.tensors.firstIndex { $0.name == "token_embd.weight" }!
    let width = sound.tensors[index].shape[0]
    var values = (0..<width * TinyModel.vocabulary).map { Float(sin(Double($0 * 7919 % 10007))) }
    sound.tensors[index].type = .f32
    sound.tensors[index].values = values
    let lean = try file("lean.toml", "[drop]\nattention = [1, 2]\n")
    let arguments = ["--raw", "-p", "ab", "-n", "30", "--seed", "3", "--plan", "baseline", "--plan", lean]
    try sound.withFile { path in
      let before = try program.json(["compare", "-m", path, "--json"] + arguments)
      let runs = try #require(before["runs"] as? [[String: Any]]).map { $0["token_ids"] as? [Int] ?? [] }
      let own = try #require(runs[1].dropLast().first { !runs[0].contains($0) && $0 != 35 && $0 != 36 })
      for column in 0..<width { values[own * width + column] = .nan }
      var broken = sound
      broken.tensors[index].values = values
      try broken.withFile { other in
        let arguments = ["compare", "-m", other, "--plan-model", path] + arguments
        let json = try program.run(arguments + ["--json"])
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let kl = try #require(object["kl"] as? [Any])
        #expect(kl.contains { $0 is NSNull } && object["kl_mean"] is NSNull && object["same_top"] is NSNull)
        #expect((object["verdict"] as? String)?.contains("NaN: some predictions are not a number") == true)
        #expect(json.errors.contains("kl (NaN)") && json.errors.contains("kl_mean (NaN)"), "\(json.errors)")
        let text = try program.run(arguments)
        #expect(text.output.contains("KL NaN nats a token") && text.output.contains("same top NaN %"))
        #expect(!text.output.contains("KL 0.0000") && !text.output.contains("nan"))
        let page = try program.run(arguments + ["--format", "html"]).output
        #expect(page.contains("class=\"kn\"") && page.contains("KL NaN · JS NaN · rank NaN in A, "))
        #expect(try program.run(arguments + ["--format", "md"]).output.contains("KL NaN"))
      }
    }
  }

  // MARK: Two files

  /// A model and another file of it: the same file is the same, a quantization is not, another vocabulary is refused.
  @Test func twoFiles() throws {
    try Self.model.withFile { path in
      let lean = program.home.path + "/lean.gguf"
      #expect(try program.run(["export", "-m", path, "-o", lean, "--drop-attn", "2"]).status == 0)
      let plan = try file("plan.toml", "[drop]\nattention = [2]\n")
      let arguments = ["compare", "-m", path, "-p", "ab", "-n", "30", "--json"]
      // An export computes what its plan computes.
      let same = try program.json(arguments + ["--plan", plan, "--plan", "baseline", "--plan-model", lean])
      #expect((same["kl"] as? [Double])?.allSatisfy { $0 < 1e-6 } == true && same["split"] is NSNull)
      let other = try program.json(arguments + ["--plan-model", lean])
      #expect((other["kl"] as? [Double])?.contains { $0 > 1e-4 } == true)
      // Its control tokens have other names.
      try TinyModel.llama().withFile { foreign in
        let refused = try program.run(arguments + ["--plan-model", foreign])
        #expect(
          refused.status == 66
            && refused.errors.contains("whose tokens are others: token 0 is “<|endoftext|>” in "),
          "\(refused.errors)")
        #expect(refused.errors.split(separator: "\n").count == 1)
      }
    }
  }
}
