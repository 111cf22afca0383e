import GGUF

/// An architecture that llama.cpp has a name for and this program has no row for in ``Architecture/table``:
/// what stands in the way, for an error that helps to choose another model.
///
/// Source: `LLM_ARCH_NAMES` and the graphs of llama.cpp 0c1e57098.
struct MissingArchitecture: Sendable {
  /// The value of `general.architecture`.
  let name: String
  /// What a model of it is, which says what is missing here: `a mixture of experts with MLA attention`.
  let kind: String
  /// The architecture of ``Architecture/table`` whose models are closest; nil where none is near.
  let nearest: String?

  static func named(_ name: String) -> MissingArchitecture? { table.first { $0.name == name } }

  /// Why a file of this architecture cannot be opened.
  func error(_ file: String?) -> GGUFError {
    let hint = nearest.map { "the nearest that works is \($0)" } ?? "nothing that works is near it"
    return GGUFError(
      file: file, place: "key general.architecture",
      "is “\(name)”, \(kind), which is not supported; \(hint)")
  }

  /// In the order of the groups below.
  static let table = groups.flatMap { kind, names in
    names.map { MissingArchitecture(name: $0.key, kind: kind, nearest: $0.value.isEmpty ? nil : $0.value) }
  }

  /// The kinds of models, in order, and those of each.
  static let kinds = groups.map { group in (kind: group.kind, models: table.filter { $0.kind == group.kind })
  }

  /// What models are, and their names with the nearest that works; an empty text for none.
  private static let groups: [(kind: String, names: KeyValuePairs<String, String>)] = [
    (
      "a dense model close to others here, which nobody has added yet",
      [
        "xverse": "llama", "exaone": "llama", "internlm2": "llama", "ernie4_5": "llama", "minicpm": "llama",
        "mistral3": "llama", "glm4": "llama", "pangu-embedded": "qwen2", "seed_oss": "qwen2", "qwen": "qwen2",
        "maincoder": "qwen3", "hunyuan-dense": "qwen3", "exaone4": "olmo2", "gemma": "gemma2",
        "plamo3": "gemma3", "chatglm": "phi3",
      ]
    ),
    (
      "a model of pictures and text",
      [
        "qwen2vl": "qwen2", "qwen3vl": "qwen3", "hunyuan_vl": "qwen3", "paddleocr": "llama",
        "cogvlm": "llama",
        "chameleon": "llama",
      ]
    ),
    ("a dense model with an MLP without gate", ["arcee": "llama"]),
    (
      "a dense model with LayerNorm and an MLP without gate",
      [
        "nemotron": "stablelm", "starcoder2": "stablelm", "phi2": "stablelm", "gptneox": "stablelm",
        "falcon": "stablelm", "codeshell": "stablelm", "jais2": "stablelm",
      ]
    ),
    ("a dense model with LayerNorm in all places", ["orion": "stablelm"]),
    (
      "a dense model whose attention and MLP run side by side",
      ["command-r": "stablelm", "cohere2": "stablelm", "plamo": "stablelm"]
    ),
    (
      "a dense model with learned positions in place of RoPE",
      ["gpt2": "stablelm", "starcoder": "stablelm"]
    ),
    ("a dense model with ALiBi in place of RoPE in its larger size", ["baichuan": "llama"]),
    (
      "a dense model with ALiBi in place of RoPE",
      [
        "mpt": "stablelm", "bloom": "stablelm", "refact": "llama", "jais": "stablelm",
      ]
    ),
    ("a dense model with norms that have no weights", ["olmo": "olmo2", "talkie": "qwen3"]),
    ("a dense model whose layers have heads of different number", ["openelm": "deci"]),
    ("a dense model with the activation xIELU", ["apertus": "llama"]),
    (
      "a dense model that gates the heads of its attention",
      ["spark2_5": "gemma3", "muse-glimmer": "gemma3"]
    ),
    ("a dense model with attention sinks", ["granite_swa": "granite"]),
    ("a model with adapters that switch from token to token", ["graniteswitch": "granite"]),
    ("a dense model whose layers run several times", ["nanbeige": "llama", "hrm_text": "llama"]),
    (
      "a model with embeddings for each layer and keys that layers share",
      ["gemma3n": "gemma3", "gemma4": "gemma3"]
    ),
    (
      "a mixture of experts",
      [
        "llama4": "llama", "grok": "llama", "dbrx": "llama", "arctic": "llama", "deepseek": "llama",
        "bailingmoe": "llama", "bailingmoe2": "llama", "ernie4_5-moe": "llama", "mellum": "llama",
        "qwen2moe": "qwen2", "dots1": "qwen3", "qwen3moe": "qwen3", "qwen3vlmoe": "qwen3",
        "glm4moe": "qwen3", "grovemoe": "qwen3", "hunyuan-moe": "qwen3", "hy_v3": "qwen3", "maple": "qwen3",
        "minimax-m2": "qwen3", "phimoe": "phi3", "smallthinker": "smollm3", "olmoe": "olmo2",
        "exaone-moe": "olmo2", "granitemoe": "granite", "cohere2moe": "stablelm",
      ]
    ),
    (
      "a mixture of experts that gates the heads of its attention",
      ["afmoe": "gemma3", "laguna": "gemma3", "step35": "qwen3"]
    ),
    ("a mixture of experts with attention sinks", ["gpt-oss": "qwen2", "mimo2": "qwen2"]),
    ("a mixture of experts with attention to blocks of an index", ["minimax-m3": "qwen3"]),
    ("a mixture of experts that reads pictures", ["deepseek2-ocr": "llama"]),
    (
      "a mixture of experts with MLA attention",
      ["deepseek2": "llama", "mistral4": "llama", "deepseek4": "llama"]
    ),
    (
      "a mixture of experts with MLA attention to tokens of an index",
      ["deepseek32": "llama", "glm-dsa": "llama", "dots3note": "llama", "hy_v4": "llama"]
    ),
    ("a dense model with MLA attention", ["minicpm3": "llama", "plm": "llama"]),
    (
      "a hybrid of attention and short convolutions",
      ["lfm2": "qwen3"]
    ),
    ("a mixture of experts in a hybrid of attention and short convolutions", ["lfm2moe": "qwen3"]),
    ("a hybrid of attention and delta nets", ["qwen35": "qwen3"]),
    (
      "a mixture of experts in a hybrid of attention and delta nets",
      ["qwen35moe": "qwen3", "qwen3next": "qwen3", "qwen4exp": "qwen3"]
    ),
    (
      "a mixture of experts in a hybrid of MLA attention and linear attention",
      ["kimi-linear": "llama", "kimi-k3": "llama", "bailingmoe3": "llama", "glm5-next": "llama"]
    ),
    ("a mixture of experts in a hybrid of attention and linear attention", ["minimax-01": "llama"]),
    (
      "a hybrid of attention and Mamba",
      ["falcon-h1": "llama", "plamo2": "llama", "granitehybrid": "granite", "nemotron_h": "llama"]
    ),
    (
      "a mixture of experts in a hybrid of attention and Mamba",
      ["jamba": "llama", "nemotron_h_moe": "llama"]
    ),
    ("a state-space model, Mamba", ["mamba": "", "mamba2": ""]),
    ("a recurrent model, RWKV", ["rwkv6": "", "rwkv7": "", "rwkv6qwen2": "qwen2", "arwkv7": "qwen2"]),
    (
      "a diffusion model, which writes its tokens in any order",
      ["dream": "qwen2", "llada": "llama", "llada-moe": "llama", "rnd1": "qwen3"]
    ),
    (
      "an encoder, which turns text into vectors and writes none",
      [
        "bert": "", "modern-bert": "", "nomic-bert": "", "nomic-bert-moe": "", "neo-bert": "",
        "jina-bert-v2": "", "jina-bert-v3": "", "eurobert": "", "t5encoder": "", "gemma-embedding": "gemma3",
        "llama-embed": "llama",
      ]
    ),
    ("an encoder with a decoder", ["t5": ""]),
    ("an encoder of pictures, a part of another model", ["clip": ""]),
    ("a model of speech", ["wavtokenizer-dec": "", "qwen3tts": "", "pockettts": ""]),
    (
      "a small model that drafts tokens for a larger one",
      ["eagle3": "", "dflash": "", "gemma4-assistant": ""]
    ),
    ("a name without a graph in llama.cpp either", ["gptj": ""]),
  ]
}

extension Architecture {
  /// The architecture of a file.
  ///
  /// - Throws: ``GGUFError`` that says what stands in the way of one that has no row.
  init(of metadata: Metadata) throws(GGUFError) {
    let name = try metadata.string("general.architecture") ?? ""
    if let known = Self.named(name) {
      self = known
    } else if let missing = MissingArchitecture.named(name) {
      throw missing.error(metadata.file)
    } else {
      let known = Self.table.map(\.name).joined(separator: ", ")
      throw GGUFError(
        file: metadata.file, place: "key general.architecture",
        "is \(GGUFError.quote(name)), which is not supported; the supported ones are \(known)")
    }
  }
}
