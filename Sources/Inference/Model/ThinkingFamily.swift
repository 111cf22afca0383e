/// The markers that a family of models writes around its thoughts.
struct ThinkingFamily {
  /// Open a thought at the beginning of an answer.
  var opens: [String]
  /// Close it.
  var closes: [String]
  /// What the family writes between a thought and the content.
  var closing: String
  /// Begin the content, and are no part of it.
  var begins: [String] = []
  /// End the content or a message, and are no part of it.
  var ends: [String] = []
  /// Texts of the template, of which each must occur; the first opening and closing where empty.
  var evidence: [String] = []
  var channels: Channels?

  /// Messages with headers, which tell thought and content apart.
  struct Channels {
    var begins: [String]
    var end: String
    var thoughts: [String]
  }

  /// The families, the special before the general. Checked against the templates of llama.cpp's source
  /// distribution.
  static let all: [ThinkingFamily] = [
    // gpt-oss: Harmony.
    ThinkingFamily(
      opens: ["<|channel|>analysis<|message|>"], closes: ["<|end|>"],
      closing: "<|end|><|start|>assistant<|channel|>final<|message|>",
      begins: ["<|channel|>final<|message|>", "<|message|>"], ends: ["<|end|>"],
      evidence: ["<|channel|>analysis<|message|>"],
      channels: Channels(
        begins: ["<|channel|>", "<|start|>", " to="], end: "<|message|>",
        thoughts: ["<|channel|>analysis"])),
    // Muse: a thought is a message to itself.
    ThinkingFamily(
      opens: ["<|start|>assistant to=self<|message|>"], closes: ["<|eom|>"],
      closing: "<|eom|><|start|>assistant to=user<|message|>",
      begins: ["<|start|>assistant to=user<|message|>", "<|message|>"], ends: ["<|eom|>"],
      evidence: ["to=self<|message|>"],
      channels: Channels(begins: ["<|start|>", " to="], end: "<|message|>", thoughts: [" to=self"])),
    // Gemma 4.
    ThinkingFamily(
      opens: ["<|channel>thought"], closes: ["<channel|>"], closing: "\n<channel|>",
      evidence: ["<|channel>", "<channel|>"]),
    // Solar Open.
    ThinkingFamily(
      opens: ["<|think|>"], closes: ["<|end|>"], closing: "<|end|><|begin|>assistant<|content|>",
      begins: ["<|begin|>assistant<|content|>", "<|begin|>assistant", "<|content|>"],
      evidence: ["assistant<|think|>", "<|content|>"]),
    // Kimi K3.
    ThinkingFamily(
      opens: ["<|open|>think<|sep|>"], closes: ["<|close|>think<|sep|>"],
      closing: "<|close|>think<|sep|><|open|>response<|sep|>", begins: ["<|open|>response<|sep|>"],
      ends: ["<|close|>response<|sep|>", "<|close|>message<|sep|>"], evidence: ["<|open|>", "'think'"]),
    // Command R7B, Command A Reasoning.
    ThinkingFamily(
      opens: ["<|START_THINKING|>"], closes: ["<|END_THINKING|>"],
      closing: "<|END_THINKING|><|START_RESPONSE|>", begins: ["<|START_RESPONSE|>"],
      ends: ["<|END_RESPONSE|>"], evidence: ["<|START_THINKING|>", "<|START_RESPONSE|>"]),
    ThinkingFamily(
      opens: ["<|START_THINKING|>"], closes: ["<|END_THINKING|>"], closing: "<|END_THINKING|>",
      begins: ["<|START_TEXT|>"], ends: ["<|END_TEXT|>"]),
    // Granite 3.3 has the content in a pair of tags too.
    ThinkingFamily(
      opens: ["<think>"], closes: ["</think>"], closing: "</think><response>", begins: ["<response>"],
      ends: ["</response>"], evidence: ["<think></think>", "<response></response>"]),
    // Apriel 1.5 and 1.6.
    ThinkingFamily(
      opens: ["Here are my reasoning steps:"], closes: ["[BEGIN FINAL RESPONSE]"],
      closing: "\n[BEGIN FINAL RESPONSE]\n", ends: ["[END FINAL RESPONSE]"],
      evidence: ["[BEGIN FINAL RESPONSE]"]),
    // Ministral 3 Reasoning, Magistral.
    pair("[THINK]", "[/THINK]"),
    // Seed-OSS, MiniMax M3, Apertus, Hunyuan 3.
    pair("<seed:think>", "</seed:think>"),
    pair("<mm:think>", "</mm:think>"),
    pair("<|inner_prefix|>", "<|inner_suffix|>"),
    pair("<think:opensource>", "</think:opensource>"),
    pair("<thought>", "</thought>"),
    // All others.
    ThinkingFamily(
      opens: ["<think>"], closes: ["</think>"], closing: "\n</think>\n\n", evidence: ["</think>"]),
  ]

  private static func pair(_ opening: String, _ closing: String) -> ThinkingFamily {
    ThinkingFamily(opens: [opening], closes: [closing], closing: closing)
  }
}
