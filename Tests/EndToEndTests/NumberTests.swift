import Foundation
import GGUF
import TestModels
import Testing

/// What the commands say of models whose numbers are none, or too many.
@Suite struct NumberTests {
  let program = Program()

  private func text(_ words: Int) throws -> String {
    let path = program.home.path + "/text.txt"
    try String(repeating: "abc ", count: words).write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private static var broken: TinyModel {
    var model = TinyModel.llama()
    let index = model.tensors.firstIndex { $0.name == "blk.2.ffn_up.weight" }!
    (model.tensors[index].type, model.tensors[index].scale, model.tensors[index].mean) = (.f32, 0, .nan)
    return model
  }

  @Test func noNumberIsPerfect() throws {
    let text = try text(40)
    try Self.broken.withFile { path in
      let plan = ["--drop-attn", "1"]
      let evaluated = try program.run(["eval", "-m", path, "-f", text, "--ctx", "32"] + plan)
      #expect(
        evaluated.status == 0 && evaluated.output.contains("perplexity NaN (baseline NaN)   KL NaN nats"))
      #expect(evaluated.errors.contains("blk.2.ffn_up.weight") && !evaluated.output.contains("0.0000"))
      let json = try program.run(["eval", "-m", path, "-f", text, "--ctx", "32", "--json"] + plan)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      for key in ["perplexity", "baseline_perplexity", "kl_mean", "kl_p99", "js_mean", "same_top"] {
        #expect(object?[key] is NSNull, "\(key)")
        #expect(json.errors.contains("\(key) (NaN)"))
      }
      #expect(object?["tokens"] is Int && json.errors.contains("blk.2.ffn_up.weight"))
      let answer = try program.run(["run", "-m", path, "-p", "abc", "-n", "5"])
      #expect(answer.status == 1 && answer.output.isEmpty && answer.errors.contains("blk.2.ffn_up.weight"))
      let ranked = try program.run(["rank", "-m", path, "-f", text] + plan)
      #expect(ranked.output.contains("NaN") && ranked.output.contains("dropped"))
      let measured = try program.run(["rank", "-m", path, "-f", text, "-n", "32", "--measure"])
      #expect(measured.output.contains("NaN") && !measured.output.contains("-nan"))
      let scored = try program.run(["score", "-m", path, "-f", text, "-n", "4", "--json"])
      #expect(scored.output.contains("\"logprob\":[null,null,null]"))
    }
  }

  static let oddities: [[(String, MetadataValue)]] = [
    [
      ("tokenizer.chat_template", .string("{% nosuch %}")), ("general.sampling.top_k", .int32(-1)),
      ("general.sampling.penalty_last_n", .int32(-1)), ("general.sampling.temp", .float32(-1)),
      ("tokenizer.ggml.eos_token_id", .int32(-1)),
    ],
    [
      ("tokenizer.chat_template", .array(MetadataArray(["a", "b"]))),
      ("tokenizer.ggml.eos_token_id", .uint32(1_000_000)),
      ("tokenizer.ggml.bos_token_id", .uint32(1_000_000)),
      ("tokenizer.ggml.eot_token_id", .int32(-7)), ("tokenizer.ggml.eom_token_id", .string("<end>")),
      ("tokenizer.ggml.add_bos_token", .string("true")), ("tokenizer.ggml.add_eos_token", .uint32(1)),
      ("tokenizer.ggml.suppress_tokens", .string("all")), ("general.name", .uint32(7)),
      ("general.sampling.temp", .float32(.nan)), ("general.sampling.top_p", .string("most")),
      ("general.sampling.min_p", .array(MetadataArray([Float(0.1)]))),
      ("general.sampling.sequence", .uint32(3)), ("general.sampling.penalty_repeat", .float32(.infinity)),
      ("general.sampling.mirostat", .uint64(.max)),
    ],
  ]

  /// Keys that only chat needs stop chat alone.
  @Test(arguments: oddities) func whatOnlyChatNeeds(keys: [(String, MetadataValue)]) throws {
    let text = try text(40)
    var model = TinyModel.llama()
    for (key, value) in keys { model.metadata[key] = value }
    try model.withFile { path in
      for arguments in [
        ["eval", "-f", text, "--ctx", "32"], ["score", "-f", text, "-n", "8"], ["inspect"],
        ["bench", "-p", "8", "-n", "4", "-r", "1"], ["tokenize", "-f", text], ["heatmap", "-f", text],
        ["search", "-f", text, "--target", "drop=1", "--over", "attn", "-n", "24"],
        ["rank", "-f", text], ["export", "-o", path + ".copy"], ["run", "-p", "a", "--raw", "-n", "4"],
      ] {
        let result = try program.run(arguments + ["-m", path])
        #expect(result.status == 0, "\(arguments) \(result.errors)")
        #expect(!result.output.contains("cannot be run"))
      }
      let chat = try program.run(["run", "-p", "a", "-n", "4", "-m", path])
      #expect(
        chat.status != 0 && chat.errors.contains("tokenizer.chat_template")
          && chat.errors.contains("--template"))
      try? FileManager.default.removeItem(atPath: path + ".copy")
    }
  }

  /// A tail for multi-token prediction is told of, counts for nothing, and is left out of an export.
  @Test func aTailIsToldOf() throws {
    let text = try text(40)
    try TinyModel.llama().withTail().withFile { path in
      let inspected = try program.run(["inspect", "-m", path])
      #expect(
        inspected.output.contains("a tail for multi-token prediction, not run: 1 layer behind the 5 that run")
      )
      let memory = try program.json(["inspect", "-m", path, "--json"])["memory"] as? [String: Any]
      let tail = try #require(memory?["tail"] as? [String: Int])
      #expect(tail["layers"] == 1 && tail["tensors"] ?? 0 >= 13 && tail["bytes"] ?? 0 > 0)
      let copy = path + ".copy"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      let exported = try program.run(["export", "-m", path, "-o", copy])
      #expect(exported.status == 0 && exported.errors.contains("tail for multi-token prediction is left out"))
      let scores = try [path, copy].map { try program.run(["score", "-m", $0, "-f", text, "--json"]).output }
      #expect(scores[0] == scores[1] && scores[0].contains("logprob"))
      let without = try program.json(["inspect", "-m", copy, "--json"])["memory"] as? [String: Any]
      #expect(without?["tail"] == nil && without?["weight_bytes"] as? Int == memory?["weight_bytes"] as? Int)
    }
  }

  /// Tokens that the file forbids are not drawn, by whichever plan; what is shown as likely counts them.
  @Test func suppressedTokensAreNotDrawn() throws {
    var model = TinyModel.llama().endless
    func drawn(_ model: TinyModel) throws -> [Int] {
      try model.withFile { path in
        let arguments = ["run", "-m", path, "--raw", "-p", "ab", "-n", "12", "--temp", "0", "--json"]
        let compared = try program.json([
          "compare", "-m", path, "-p", "ab", "-n", "12", "--temp", "0", "--plan", "baseline", "--json",
        ])
        let runs = compared["runs"] as? [[String: Any]] ?? []
        return (try program.json(arguments)["token_ids"] as? [Int] ?? [])
          + runs.flatMap { $0["token_ids"] as? [Int] ?? [] }
      }
    }
    let usual = Set(try drawn(model))
    #expect(!usual.isEmpty)
    model.metadata["tokenizer.ggml.suppress_tokens"] = .array(MetadataArray(usual.map(Int32.init)))
    let others = try drawn(model)
    #expect(others.count >= 12 && usual.isDisjoint(with: others))
  }

  /// What running takes is told, and refused where it is too much, with what would fit.
  @Test func memoryIsAddedUp() throws {
    try TinyModel.llama().withFile { path in
      let json = try program.json(["inspect", "-m", path, "--json"])
      let memory = try #require(json["memory"] as? [String: Any])
      let parts = ["weight_bytes", "kv_bytes", "workspace_bytes", "record_bytes"].compactMap {
        memory[$0] as? Int
      }
      #expect(parts.count == 4 && parts.reduce(0, +) == memory["total_bytes"] as? Int)
      #expect(memory["positions"] as? Int == 4096)
      let text = try program.run(["inspect", "-m", path, "-c", "16777216"])
      #expect(
        text.output.contains("memory to run: ") && text.output.contains("KV cache of 16777216 positions"))
    }
  }
}
