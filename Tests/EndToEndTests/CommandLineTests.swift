import Foundation
import ModelFiles
import Testing

/// The commands that scripts rely on, run as they would be.
@Suite(.enabled(if: ModelFiles.areThere)) struct CommandLineTests {
  let program = Program()

  private func file(_ name: String, _ text: String) throws -> String {
    let path = program.home.path + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func runAnswersAndReportsWhatItDid() throws {
    let arguments = ["run", "-p", "What is the capital of France?", "-n", "24", "--temp", "0"]
    let text = try program.run(arguments)
    #expect(text.status == 0)
    #expect(text.output.contains("Paris"))
    let json = try program.json(arguments + ["--json"])
    // What is printed ends with a line end, which is no part of the answer.
    #expect((json["text"] as? String).map { $0 + "\n" } == text.output)
    #expect((json["token_ids"] as? [Int])?.isEmpty == false)
    #expect(json["prompt_tokens"] as? Int ?? 0 > 10)
    for key in ["prefill_tok_per_s", "decode_tok_per_s", "first_token_s"] {
      #expect(json[key] as? Double ?? 0 > 0, "\(key)")
    }
    #expect(["end_of_turn", "length"].contains(json["stop"] as? String))
  }

  @Test func aSeedGivesTheSameAnswer() throws {
    let arguments = ["run", "-p", "Tell me a story.", "-n", "24", "--seed", "7"]
    let first = try program.run(arguments).output
    #expect(try program.run(arguments).output == first)
    #expect(try program.run(arguments.dropLast() + ["8"]).output != first)
  }

  /// Every step can be asked for, and each of these answers otherwise than the plain greedy one.
  @Test func samplesAsAsked() throws {
    func answer(_ arguments: String) throws -> String {
      let words = ["run", "-p", "Name five fruits, again and again.", "-n", "40", "--seed", "3"]
      let result = try program.run(words + arguments.split(separator: " ").map(String.init))
      #expect(result.status == 0, "\(result.errors)")
      return result.output
    }
    let greedy = try answer("--temp 0")
    #expect(try answer("--top-k 1") == greedy)
    #expect(try answer("--top-p 0 --min-keep 0") == greedy)
    #expect(try answer("--temp 0 --mirostat 2") == greedy)
    for options in [
      "--temp 0 --repeat-penalty 1.5", "--temp 0 --frequency-penalty 2 --repeat-window 256",
      "--temp 0 --presence-penalty -3",
      "--temp 0 --dry-multiplier 4 --dry-allowed-length 1 --dry-breakers none",
      "--temp 2 --top-k 0 --top-n-sigma 1.5", "--temp 2 --typical-p 0.3 --top-k 0",
      "--temp 0 --xtc-probability 1 --xtc-threshold 0.05", "--mirostat 1 --mirostat-tau 8",
      "--mirostat 2 --mirostat-tau 8 --mirostat-eta 0.5",
    ] {
      let text = try answer(options)
      #expect(text != greedy, "\(options)")
      #expect(try answer(options) == text, "\(options)")
    }
    let first = try #require(
      (try program.json(["run", "-p", "Hi", "-n", "1", "--temp", "0", "--json"])["token_ids"] as? [Int])?
        .first)
    let banned = try program.json([
      "run", "-p", "Hi", "-n", "1", "--temp", "0", "--logit-bias", "\(first)-inf", "--json",
    ])
    #expect((banned["token_ids"] as? [Int])?.first != first)
  }

  /// The command line wins over the settings.
  @Test func settingsChooseSampling() throws {
    let folder = program.home.path + "/.config/pare"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let prompt = ["run", "-p", "Tell me a story.", "-n", "16"]
    let greedy = try program.run(prompt + ["--temp", "0"]).output
    try "[sampling]\ntemperature = 0\n".write(
      toFile: folder + "/settings.toml", atomically: true, encoding: .utf8)
    #expect(try program.run(prompt).output == greedy)
    #expect(try program.run(prompt + ["--temp", "3", "--top-k", "0", "--min-p", "0"]).output != greedy)
  }

  @Test func tokenizesByteForByte() throws {
    let ids = try #require(try program.json(["tokenize", "--json"], input: "Hello, world!")["ids"] as? [Int])
    #expect(ids == [19556, 28, 905, 17])
    let batch = try program.run(["tokenize", "--batch"], input: #"["Hello, world!", ""]"#)
    #expect(batch.output == "[[19556,28,905,17],[]]\n")
    let special = try program.json(["tokenize", "--json", "--special"], input: "<|im_start|>")
    #expect(special["ids"] as? [Int] == [1])
    let plain = try program.json(["tokenize", "--json"], input: "<|im_start|>")
    #expect((plain["ids"] as? [Int])?.count ?? 0 > 1)
  }

  @Test func rendersTheTemplate() throws {
    let messages = try file("messages.json", #"[{"role": "user", "content": "Hi"}]"#)
    let rendered = try program.run(["template", "--messages", messages]).output
    #expect(rendered.hasSuffix("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"))
    let bare = try program.run(["template", "--messages", messages, "--no-generation-prompt"]).output
    #expect(bare.hasSuffix("<|im_start|>user\nHi<|im_end|>\n"))
  }

  /// A template from a file has the tokens of a model that is named, and none otherwise.
  @Test func aTemplateKnowsTheTokensOfTheModel() throws {
    let messages = try file("messages.json", "[{\"role\": \"user\", \"content\": \"Hi\"}]")
    let template = try file("t.jinja", "{{ bos_token }}|{{ messages[0].content }}|{{ eos_token }}")
    let arguments = ["template", "--template", template, "--messages", messages]
    #expect(try program.run(arguments).output == "|Hi|")
    #expect(
      try program.run(arguments + ["-m", Program.model]).output == "<|im_start|>|Hi|<|im_end|>")
  }

  /// `echo` ends what it says with a line break, which is not part of the message.
  @Test func aLineBreakAtTheEndOfInputIsNoPartOfAMessage() throws {
    func tokens(_ input: String, _ more: [String] = []) throws -> Int? {
      try program.json(["run", "-n", "1", "--json"] + more, input: input)["prompt_tokens"] as? Int
    }
    let plain = try tokens("q")
    #expect(try tokens("q\n") == plain)
    #expect(try tokens("q\r\n") == plain)
    #expect(try tokens("", ["-f", file("q.txt", "q\n")]) == plain)
    #expect(try tokens("q\n\n") != plain)
    #expect(try tokens("q\n", ["--raw"]) == 2)
  }

  /// Lists that are given twice add up; a negative number is a value.
  @Test func optionsTakeWhatTheyAreGiven() throws {
    let text = try file("text.txt", "The capital of France is Paris.")
    let lists = [
      ["--drop-attn", "3,5,7", "--drop-mlp", "1,2"],
      ["--drop-attn", "3,5", "--drop-mlp", "1", "--drop-attn", "7", "--drop-mlp=2"],
      ["--drop-block", "3", "--drop-block", "5"],
      ["--drop-attn", "3,5", "--drop-mlp", "3,5"],
    ]
    let scores = try lists.map {
      try program.json(["score", "-f", text, "--json"] + $0)["logprob"] as? [Double]
    }
    #expect(scores[0] != nil && scores[0] == scores[1])
    #expect(scores[2] == scores[3] && scores[2] != scores[0])
    let answer = try program.json(
      ["run", "-p", "x", "--json", "-n", "1", "--presence-penalty", "-0.5", "--temp", "0"])
    #expect((answer["token_ids"] as? [Int])?.count == 1)
  }

  @Test func scoresUnderAPlan() throws {
    let text = try file("text.txt", "The capital of France is Paris, and that of Italy is Rome.")
    let base = try program.json(["score", "-f", text, "--json", "--top", "3"])
    let ids = try #require(base["ids"] as? [Int])
    let scores = try #require(base["logprob"] as? [Double])
    #expect(scores.count == ids.count - 1)
    #expect(scores.allSatisfy { $0 < 0 })
    let top = try #require(base["top_logprob"] as? [[Double]])
    #expect(top.count == ids.count && top.allSatisfy { $0.count == 3 && $0 == $0.sorted(by: >) })
    let dropped = try program.json(["score", "-f", text, "--json", "--drop-attn", "3,5-7"])
    #expect(dropped["logprob"] as? [Double] != scores)
    #expect(
      try program.json(["score", "-f", text, "--json", "-n", "5"])["ids"] as? [Int] == Array(ids.prefix(5)))
  }

  @Test func scoresWriteLogits() throws {
    let text = try file("text.txt", "Ebb and flow.")
    let (batch, single) = (program.home.path + "/batch.f32", program.home.path + "/single.f32")
    let ids = try #require(
      try program.json(["score", "-f", text, "--json", "--logits", batch])["ids"] as? [Int])
    #expect(try program.run(["score", "-f", text, "--logits", single, "--decode"]).status == 0)
    let bytes = try Data(contentsOf: URL(filePath: batch))
    #expect(bytes.count == ids.count * 49152 * 4)
    #expect(try Data(contentsOf: URL(filePath: single)) == bytes)
    let refused = try program.run(["score", "-f", text, "--logits", "/nowhere/x.f32"])
    #expect(refused.status == 66 && refused.errors.contains("/nowhere/x.f32: it cannot be written"))
  }

  @Test func anotherTemplateTakesThePlaceOfTheModels() throws {
    let broken = try file("broken.jinja", "{{ messages }}\n{% for %}")
    let messages = try file("messages.json", #"[{"role": "user", "content": "Hi"}]"#)
    for command in [["run", "-p", "x"], ["chat"], ["template", "--messages", messages]] {
      let refused = try program.run(command + ["--template", broken])
      #expect(refused.status == 66, "\(command)")
      #expect(refused.errors.contains("\(broken): chat template, line 2, column"), "\(refused.errors)")
    }
    let plain = try file("plain.jinja", "{{ messages[-1].content }}")
    let rendered = try program.run(["template", "--template", plain, "--messages", messages])
    #expect(rendered.output == "Hi")
    let answer = try program.json(["run", "-p", "Once upon a", "-n", "2", "--template", plain, "--json"])
    #expect(answer["prompt_tokens"] as? Int == 3)
  }

  @Test func ranksSublayers() throws {
    let text = try file("text.txt", String(repeating: "Rivers shape the land they cross. ", count: 20))
    let json = try program.json(["rank", "-f", text, "-n", "100", "--json"])
    #expect(json["tokens"] as? Int == 100)
    for part in ["attention", "mlp", "block"] {
      let entries = try #require(json[part] as? [[String: Any]])
      #expect(entries.map { $0["layer"] as? Int } == Array(0..<30))
      #expect(entries.allSatisfy { abs($0["similarity"] as? Double ?? 2) <= 1 })
    }
    let attention = try #require(json["attention"] as? [[String: Any]]).compactMap {
      $0["similarity"] as? Double
    }
    #expect(attention[0] < 0.75 && attention[10] > 0.95)
  }

  @Test func measuresSpeed() throws {
    // More threads than processors would spend their time waiting for each other.
    let json = try program.json(["bench", "-p", "32", "-n", "4", "-r", "2", "-t", "1000", "--json"])
    #expect(json["threads"] as? Int ?? 0 <= ProcessInfo.processInfo.processorCount)
    let prefill = try #require(json["prefill"] as? [String: Any])
    let decode = try #require(json["decode"] as? [String: Any])
    #expect((prefill["tok_per_s"] as? [Double])?.count == 2)
    #expect((decode["tok_per_s"] as? [Double])?.allSatisfy { $0 > 0 } == true)
    #expect(json["bytes_per_token"] as? Int ?? 0 > 90_000_000)
  }

  @Test func inspectsAndListsModels() throws {
    let inspected = try program.json(["inspect", "--json", "-m", Program.model])
    #expect((inspected["metadata"] as? [String: Any])?["general.architecture"] as? String == "llama")
    #expect((inspected["tensors"] as? [[String: Any]])?.count == 272)
    let models = try #require(try program.json(["models", "--json"])["models"] as? [[String: Any]])
    let smol = try #require(models.first { $0["name"] as? String == "SmolLM2-135M-Instruct" })
    #expect(smol["present"] as? Bool == true)
    #expect(smol["licence"] as? String == "Apache-2.0")
  }

  @Test func packedWeightsAreKept() throws {
    let arguments = [
      "run", "-m", Program.model, "-p", "What is the capital of France?", "-n", "8", "--temp", "0",
    ]
    func cache() throws -> (path: String, bytes: Int, limit: Int) {
      let cache = try #require(try program.json(["models", "--json"])["weight_cache"] as? [String: Any])
      return (
        cache["path"] as? String ?? "", cache["bytes"] as? Int ?? -1, cache["limit"] as? Int ?? -1
      )
    }
    let answer = try program.run(arguments + ["--weight-cache", "0"])
    #expect(answer.status == 0)
    #expect(try cache() == (program.home.path + "/.cache/pare/weights", 0, 8_000_000_000))
    for _ in 0..<2 {
      let again = try program.run(arguments)
      #expect(again.status == 0 && again.output == answer.output && again.errors == answer.errors)
      #expect(try (90_000_000..<100_000_000).contains(cache().bytes))
    }
    #expect(try program.run(["models"]).output.contains(program.home.path + "/.cache/pare/weights"))
    // Off by the settings; what is there stays until it is deleted.
    try FileManager.default.createDirectory(
      atPath: program.home.path + "/.config/pare", withIntermediateDirectories: true)
    _ = try file(".config/pare/settings.toml", "weight_cache = 0")
    #expect(try cache().limit == 0)
    #expect(try program.run(arguments).output == answer.output)
    #expect(try program.run(["run", "--weight-cache", "-1", "-p", "a"]).status == 64)
  }

  @Test func aCacheThatCannotBeWrittenIsOnlyANote() throws {
    let blocked = try file("blocked", "")
    let result = try program.run(
      ["run", "-m", Program.model, "-p", "Hello", "-n", "2", "--weight-cache", "8"],
      environment: ["XDG_CACHE_HOME": blocked])
    #expect(result.status == 0 && !result.output.isEmpty)
    #expect(result.errors.contains("packed weights are not kept for the next start: \(blocked)"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func inspectStatesMemory() throws {
    let memory = try #require(
      try program.json(["inspect", "--json", "-m", Program.model])["memory"] as? [String: Any])
    #expect(memory["file_bytes"] as? Int == 98_362_432)
    // The embedding at 8.5 bits a weight, 30 layers at 5.
    #expect(memory["weight_bytes"] as? Int == (49152 * 576 * 17 / 2 + 30 * 3_538_944 * 5) / 8)
    // 30 layers, 3 heads of 64 keys and 64 values in f16.
    #expect(memory["kv_bytes_per_position"] as? Int == 30 * 3 * 128 * 2)
    let text = try program.run(["inspect", "-m", Program.model]).output
    #expect(text.contains("memory to run: ") && text.contains("data is read when it is used"))
  }

  @Test func checksTheData() throws {
    let sound = try program.run(["inspect", "--check", "-m", Program.model])
    #expect(sound.status == 0 && sound.output.hasPrefix("272 tensors, 98.4 MB, checked in"))
    #expect(sound.output.split(separator: "\n").count == 1 && sound.errors.isEmpty)

    // A NaN where the last block of the last tensor has its scale or its last value.
    let bad = program.home.path + "/bad.gguf"
    var data = try Data(contentsOf: URL(filePath: Program.model))
    data[data.count - 2] = 0xFF
    data[data.count - 1] = 0xFF
    try data.write(to: URL(filePath: bad))
    let found = try program.run(["inspect", "--check", "-m", bad])
    #expect(found.status == 1 && found.errors.isEmpty, "\(found)")
    #expect(
      found.output.contains("the value is NaN") && found.output.contains("1 of them is bad"), "\(found)")
    let json = try program.run(["inspect", "--check", "--json", "-m", bad])
    #expect(json.status == 1)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let problems = try #require(object?["problems"] as? [[String: Any]])
    #expect(problems.count == 1 && problems[0]["problem"] as? String == "the value is NaN")
  }

  /// Answers are those that `run` gives; divergence is the first plan's at each token of another's answer.
  @Test func comparesPlans() throws {
    let lean = try file("lean.toml", "[drop]\nattention = [5, 7, 9]\n")
    let question = ["-p", "Why is the sky blue?", "-n", "24", "--temp", "0"]
    let json = try program.json(
      ["compare"] + question + ["--plan", "baseline", "--plan", lean, "--plan", "baseline", "--json"])
    let runs = try #require(json["runs"] as? [[String: Any]])
    try #require(runs.count == 3)
    let alone = try program.json(["run"] + question + ["--plan", lean, "--json"])
    let ids = runs.map { $0["token_ids"] as? [Int] ?? [] }
    #expect(ids[1] == alone["token_ids"] as? [Int] && runs[1]["text"] as? String == alone["text"] as? String)
    #expect(
      ((runs[1]["plan"] as? [String: Any])?["drop"] as? [String: Any])?["attention"] as? [Int] == [5, 7, 9])
    // Up to where the answers part, each takes its likeliest token: there the other's is another.
    let split = try #require(json["split"] as? Int)
    #expect(ids[0].prefix(split) == ids[1].prefix(split) && ids[0][split] != ids[1][split])
    let kl = try #require(json["kl"] as? [Double]), js = try #require(json["js"] as? [Double])
    #expect(kl.count == ids[1].count && js.count == kl.count)
    #expect(kl.allSatisfy { $0 > 0 } && js.allSatisfy { $0 > 0 && $0 < log(2) })
    let sameTop = try #require(json["same_top"] as? Double)
    #expect(sameTop >= Double(split) / Double(ids[1].count) && sameTop < 1)
    // The first plan again: the same answer, and no divergence.
    #expect(ids[2] == ids[0] && runs[2]["split"] is NSNull)
    #expect((runs[2]["kl"] as? [Double])?.allSatisfy { $0 == 0 } == true)
    #expect(runs[0]["kl"] == nil && runs[2]["same_top"] as? Double == 1)
    // One plan is compared with the baseline; answers and figures as lines for people.
    let text = try program.run(["compare"] + question + ["--plan", lean])
    #expect(text.status == 0 && text.output.hasPrefix("── baseline"))
    #expect(
      text.output.contains("splits at token \(split)")
        && text.output.contains(alone["text"] as? String ?? "?"))
  }

  /// The file written is the planned model: it scores a text as the plan does.
  @Test func exportsAPlan() throws {
    let text = try file("text.txt", "The capital of France is Paris, and that of Italy is Rome.")
    let plan = ["--drop-attn", "3,5-7", "--drop-mlp", "9"]
    let lean = program.home.path + "/lean.gguf"
    let written = try program.json(["export", "-o", lean, "--json"] + plan)
    let bytes = try FileManager.default.attributesOfItem(atPath: lean)[.size] as? Int
    #expect(written["file"] as? String == lean && written["bytes"] as? Int == bytes)
    let tensors = try program.json(["inspect", "--tensors", "--json", "-m", lean])["tensors"] as? [Any]
    #expect(written["tensors"] as? Int == tensors?.count)
    let expected = try program.json(["score", "-f", text, "--json"] + plan)["logprob"] as? [Double]
    #expect(
      try program.json(["score", "-f", text, "--json", "-m", lean])["logprob"] as? [Double] == expected)
    // Not in place of the model, under whatever name.
    let link = program.home.path + "/link.gguf"
    try FileManager.default.linkItem(atPath: lean, toPath: link)
    #expect(try program.run(["export", "-m", lean, "-o", link]).status == 64)
    // The same as lists, in a checkpoint's configuration.
    let list = try file(
      "config.json", "{\"hidden_size\": 576, \"drop_mlp_list\": [], \"theta\": 1e4, \"cap\": 30.0}")
    #expect(try program.run(["export", "-o", list, "--format", "llm-drop"] + plan).status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: list)))
    let lists = try #require(object as? [String: Any])
    #expect(lists["drop_attn_list"] as? [Int] == [3, 5, 6, 7] && lists["drop_mlp_list"] as? [Int] == [9])
    #expect(
      try String(contentsOfFile: list, encoding: .utf8)
        == "{\"hidden_size\": 576, \"drop_mlp_list\": [9], \"theta\": 1e4, \"cap\": 30.0,"
        + "\"drop_attn_list\": [3, 5, 6, 7]}")
    #expect(try program.run(["export", "-o", lean, "--format", "llm-drop"] + plan).status == 66)
  }

  /// Each bad input: the exit code scripts rely on, and one line that names what is wrong.
  @Test(arguments: [
    (["run", "-p", "x", "-m", "/nowhere/model.gguf"], 66, "/nowhere/model.gguf"),
    (["run", "-p", "x", "-m", "no-such-model"], 66, "no-such-model"),
    (["run", "-p", "x", "-m", "/etc/passwd"], 66, "/etc/passwd"),
    (["run", "-p", "x", "-m", "/etc"], 66, "/etc"),
    (["run", "-p", "x", "-m", "EMPTY"], 66, "EMPTY"),
    (["run", "-p", "x", "-m", "TRUNCATED"], 66, "TRUNCATED"),
    (["run", "-p", "x", "--bits", "7"], 64, "7"),
    (["run", "-p", "x", "--drop-attn", "40"], 64, "40"),
    (["run", "-p", "x", "--drop-attn", "a-b"], 64, "a-b"),
    (["run", "-p", "x", "--temp", "-1"], 64, "temp"),
    (["run", "-p", "x", "-n", "-1"], 64, "-n -1"),
    (["run", "-p", "x", "-t", "-1"], 64, "-1"),
    (["run", "-p", "x", "--seed", "-1"], 64, "-1"),
    (["run", "-p", "x", "--top-p", "1.5"], 64, "top_p"),
    (["run", "-p", "x", "--logit-bias", "cat+1"], 64, "logit_bias"),
    (["run", "-p", "x", "--mirostat", "3"], 64, "mirostat"),
    (["run", "-p", "x", "--frequency-penalty", "-101"], 64, "-101"),
    (["run", "-p", "x", "-c", "16"], 1, "16"),
    (["run", "-f", "/nowhere/prompt.txt"], 66, "/nowhere/prompt.txt"),
    (["score", "-f", "/dev/null"], 66, "/dev/null"),
    (["run", "-p", "x", "--plan", "/nowhere/plan.toml"], 66, "/nowhere/plan.toml"),
    (["compare", "-p", "x"], 64, "--plan"),
    (["compare", "-p", "x", "--plan", "baseline", "--plan", "/nowhere/plan.toml"], 66, "/nowhere/plan.toml"),
    (["export"], 64, "--output"),
    (["export", "-o", "/nowhere/x.gguf"], 66, "/nowhere/x.gguf"),
    (["export", "-o", "/tmp/x.gguf", "--rotate"], 64, "rotate"),
    (["export", "-o", "/tmp/x.gguf", "--drop-attn", "3", "--heal", "mean"], 64, "heal"),
    (["export", "-o", "/tmp/x.json", "--format", "llm-drop", "--bits", "4"], 64, "llm-drop"),
    (["frobnicate"], 64, "frobnicate"),
    (["run", "--frobnicate"], 64, "frobnicate"),
  ])
  func refuses(_ arguments: [String], _ status: Int32, _ named: String) throws {
    let empty = try file("EMPTY", "")
    let truncated = program.home.path + "/TRUNCATED"
    let handle = try #require(FileHandle(forReadingAtPath: Program.model))
    try handle.read(upToCount: 5_000_000)?.write(to: URL(filePath: truncated))
    let paths = ["EMPTY": empty, "TRUNCATED": truncated]
    let result = try program.run(arguments.map { paths[$0] ?? $0 })
    #expect(result.status == status, "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("pare: "))
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(result.errors.contains(named), "\(result.errors)")
  }

  @Test func measuresTheDamageOfDrops() throws {
    let text = try file("text.txt", String(repeating: "Rivers shape the land they cross. ", count: 20))
    let arguments = ["rank", "--measure", "-f", text, "-n", "24"]
    let json = try program.json(arguments + ["--json"])
    #expect(json["tokens"] as? Int == 24)
    for (part, count) in [("attention", 30), ("mlp", 30), ("block", 30)] {
      let entries = try #require(json[part] as? [[String: Any]])
      #expect(entries.count == count)
      for entry in entries {
        #expect(entry["kl"] as? Double ?? -1 >= 0 && entry["perplexity"] as? Double ?? 0 > 1)
        #expect(entry["similarity"] is Double && entry["same_top"] is Double && entry["layer"] is Int)
      }
    }
    // It is kept, so the second time nothing is computed; sorted, the least damaging comes first.
    let lines = try program.run(arguments).output.split(separator: "\n")
    let values = lines.dropFirst().dropLast().compactMap { line in
      Double(line.split(separator: " ").filter { $0.contains(".") }[1])
    }
    #expect(values.count == 90 && values == values.sorted())
    let refused = try program.run(["rank", "-f", text, "--sort", "damage"])
    #expect(refused.status == 64 && refused.errors.contains("--measure"))
  }

  @Test func searchesForPlans() throws {
    let json = try program.json([
      "search", "--target", "drop=2", "--over", "attn", "-n", "64", "--json",
    ])
    let frontier = try #require(json["frontier"] as? [[String: Any]])
    #expect(frontier.first?["method"] as? String == "baseline" && frontier.count > 1)
    for point in frontier {
      #expect(point["plan"] is [String: Any] && point["kl"] is Double && point["perplexity"] is Double)
      #expect(point["bytes_per_token"] as? Int ?? 0 > 0 && point["tok_per_s"] as? Double ?? 0 > 0)
    }
    let found = try #require(json["found"] as? [[String: Any]])
    #expect(found.count == 4 && json["winner"] as? String == found[0]["method"] as? String)
    for arguments in [["--target", "speed=2"], ["--target", "drop=2", "--over", "kv"], []] {
      let refused = try program.run(["search"] + arguments)
      #expect(refused.status == 64 && refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
    }
  }

  /// Measurements until ^C are printed.
  @Test func interruptedMeasurementsKeepWhatIsDone() throws {
    let result = try program.shell("timeout -s INT --preserve-status 6 $PARE rank --measure -n 2000 --json")
    #expect(result.status == 130)
    let data = Data(result.output.utf8)
    guard !data.isEmpty else { return }  // interrupted before the first result
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let entries = try ["attention", "mlp", "block"].flatMap { try #require(json[$0] as? [[String: Any]]) }
    #expect(entries.count == 90 && entries.contains { $0["kl"] == nil })
  }

  @Test func interruptEndsWith130() async throws {
    let process = Process()
    process.executableURL = Program.executable
    process.arguments = ["run", "-p", "Count to one million.", "-n", "5000"]
    process.environment = program.environment
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    _ = output.fileHandleForReading.availableData  // it is answering
    process.interrupt()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
  }
}
