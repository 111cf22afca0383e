import Foundation
import GGUF
import TestModels
import Testing

@testable import Inference

/// Every name of llama.cpp either runs or is refused in words.
@Suite struct MissingArchitectureTests {
  /// `LLM_ARCH_NAMES` of llama.cpp 0c1e57098.
  static let names = """
    afmoe apertus arcee arctic arwkv7 baichuan bailingmoe bailingmoe2 bailingmoe3 bert bitnet bloom
    chameleon chatglm clip codeshell cogvlm cohere2 cohere2moe command-r dbrx deci deepseek deepseek2
    deepseek2-ocr deepseek32 deepseek4 dflash dots1 dots3note dream eagle3 ernie4_5 ernie4_5-moe eurobert
    exaone exaone-moe exaone4 falcon falcon-h1 gemma gemma-embedding gemma2 gemma3 gemma3n gemma4
    gemma4-assistant glm-dsa glm4 glm4moe glm5-next gpt-oss gpt2 gptj gptneox granite granite_swa
    granitehybrid granitemoe graniteswitch grok grovemoe hrm_text hunyuan-dense hunyuan-moe hunyuan_vl hy_v3
    hy_v4 internlm2 jais jais2 jamba jina-bert-v2 jina-bert-v3 kimi-k3 kimi-linear laguna lfm2 lfm2moe llada
    llada-moe llama llama-embed llama4 maincoder mamba mamba2 maple mellum mimo2 minicpm minicpm3 minimax-01
    minimax-m2 minimax-m3 mistral3 mistral4 modern-bert mpt muse-glimmer nanbeige nemotron nemotron_h
    nemotron_h_moe neo-bert nomic-bert nomic-bert-moe olmo olmo2 olmoe openelm orion paddleocr
    pangu-embedded phi2 phi3 phimoe plamo plamo2 plamo3 plm pockettts qwen qwen2 qwen2moe qwen2vl qwen3
    qwen35 qwen35moe qwen3moe qwen3next qwen3tts qwen3vl qwen3vlmoe qwen4exp refact rnd1 rwkv6 rwkv6qwen2
    rwkv7 seed_oss smallthinker smollm3 spark2_5 stablelm starcoder starcoder2 step35 t5 t5encoder talkie
    wavtokenizer-dec xverse
    """.split { $0 == " " || $0 == "\n" }.map(String.init)

  @Test func everyNameIsKnownOnce() {
    #expect(Self.names.count == 153)
    let missing = MissingArchitecture.table.map(\.name), known = Set(Architecture.table.map(\.name))
    #expect(Set(missing).count == missing.count)
    for name in Self.names {
      #expect(known.contains(name) != missing.contains(name), "\(name) runs and is refused, or neither")
    }
    #expect(Set(missing).subtracting(Self.names) == [])
  }

  @Test(arguments: names.filter { Architecture.named($0) == nil })
  func isRefusedInWords(name: String) throws {
    var tiny = TinyModel.llama()
    tiny.metadata["general.architecture"] = .string(name)
    try tiny.withFile { path in
      let error = #expect(throws: GGUFError.self) { try Model(path: path) }
      let message = error?.description ?? ""
      #expect(message.hasPrefix("\(path): key general.architecture: is “\(name)”, a"))
      let near = MissingArchitecture.named(name)?.nearest
      #expect(
        message.hasSuffix(near.map { "the nearest that works is \($0)" } ?? "nothing that works is near it"))
      #expect(near.map { Architecture.named($0) != nil } != false, "\(near ?? "")")
    }
  }

  @Test(arguments: [2, 128])
  func expertsOfAKnownArchitecture(count: UInt32) throws {
    var tiny = TinyModel.qwen2()
    tiny.metadata["qwen2.expert_count"] = .uint32(count)
    try tiny.withFile { path in
      let error = #expect(throws: GGUFError.self) { try Model(path: path) }
      #expect(
        error?.description == "\(path): key qwen2.expert_count: is \(count): a mixture of experts over the "
          + "attention of qwen2, which is not supported; the nearest that works is qwen2 without experts")
    }
    for count: UInt32 in [0, 1] {
      tiny.metadata["qwen2.expert_count"] = .uint32(count)
      let layers = try tiny.withFile { try Model(path: $0).shape.layers }
      #expect(layers == 4)
    }
  }
}
