import Foundation
import TestModels

extension FuzzTarget {
  /// Sound inputs, from which a fuzzer sets out.
  package var seeds: [[UInt8]] {
    switch self {
    case .model:
      let sizes = TinyModel.Sizes(layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, mlpWidth: 32)
      return [TinyModel.llama(sizes), .qwen2(), .gemma3()].map(contents)
    case .blocks:
      return (0..<64).map { type in
        [UInt8(type)] + (0..<600).map { UInt8(truncatingIfNeeded: $0 * 37 + type) }
      }
    case .vocabulary:
      return (0..<4).map { model in
        // Model, pre-tokenizer, all bytes; tokens as kind, score and text; merges; the text.
        let tokens: [(UInt8, String)] = [
          (1, "ab"), (3, "<s>"), (4, "\n\n"), (6, "<0x0A>"), (1, "Ġthe"), (5, "▁a"),
        ]
        let merges = ["a b", "Ġ the"]
        var bytes: [UInt8] = [UInt8(model), UInt8(model), 1, UInt8(tokens.count)]
        for (kind, text) in tokens { bytes += [kind, 3, UInt8(text.utf8.count)] + text.utf8 }
        bytes.append(UInt8(merges.count))
        for merge in merges { bytes += [UInt8(merge.utf8.count)] + merge.utf8 }
        return bytes + "ab the <s> Grüße\n\n日本".utf8
      }
    case .template:
      return [
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m['content'] | trim }}<|im_end|>\n{% endfor %}"
          + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}\0Hi",
        "{%- set ns = namespace(n=0) -%}{%- for m in messages if m.role != 'system' -%}{%- set ns.n = ns.n + 1 -%}"
          + "{{ loop.index ~ ': ' ~ m.content.split(' ')|join('-') }}{%- else -%}{{ raise_exception('none') }}"
          + "{%- endfor -%}{%- macro f(x, y=2) -%}{{ x ** y // 3 }}{%- endmacro -%}{{ f(7) }}\0a b c",
        "{{ '%s %05.2f' % ('x', 3.14159) }}{{ {'a': [1, 2]} | tojson(indent=2) }}{{ bos_token[1:-1] | upper }}",
      ].map { Array($0.utf8) }
    case .json:
      return [#"{"messages":[{"role":"user","content":"a\u00e9\n"}],"x":[1,-2.5e3,true,null,{}]}"#].map {
        Array($0.utf8)
      }
    case .toml:
      return [
        "model = \"m\"\nrotate = true\nheal = \"mean\"\n[drop]\nattention = [5, 7]\nmlp = []\n[bits]\ndefault = 4\n",
        "theme = \"dark\"\nthreads = 2\nweight_cache = 8\n[sampling]\ntemperature = 0.7\n[keys]\n\"layers.drop\" = \"d\"\n",
        "default = \"a\"\n[[model]]\nname = \"a\"\nurl = \"https://example.org/a.gguf\"\nbytes = 1\nsha256 = \"00\"\n",
      ].map { Array($0.utf8) }
    case .theme:
      return [
        "summary = \"calm\"\ninherits = \"light\"\nramp = \"viridis\"\n[styles]\ntext = { fg = 252, bg = \"#005f87\" }\n"
          + "strong = { fg = \"default\", bold = true, underline = false }\n"
      ].map { Array($0.utf8) }
    case .journal:
      return [
        """
        {"at":"2026-11-24T09:10:05.200Z","kind":"session","version":1}
        {"at":"2026-11-24T09:10:05.201Z","kind":"model","model":{"name":"SmolLM2"}}
        {"at":"2026-11-24T09:10:11.402Z","content":"Why?","id":1,"kind":"message","role":"user"}
        {"at":"2026-11-24T09:10:11.702Z","id":2,"kind":"answer","model":{"name":"SmolLM2"},"parent":1,\
        "plan":{"bits":{"default":"native"},"drop":{"attention":[],"mlp":[]},"heal":"none"}}
        {"at":"2026-11-24T09:10:12.002Z","id":2,"kind":"text","text":"Because"}

        """
      ].map { Array($0.utf8) }
    case .terminal:
      return [
        "a\u{1B}[A\u{1B}[1;5C\u{1B}OP\u{1B}[<0;10;5M\u{1B}[200~paste\u{1B}[201~é\u{1B}[I\u{1B}]11;rgb:0/0/0\u{7}"
      ]
      .map { Array($0.utf8) }
    case .text:
      return ["\u{28}# Head\n\n- one `code` **two**\n\n```swift\nlet a = 1\n```\n> 日本 e\u{301} 👩‍👩‍👧\tx"].map {
        Array($0.utf8)
      }
    }
  }
}

private func contents(_ model: TinyModel) -> [UInt8] {
  guard let bytes = try? model.withFile({ try Data(contentsOf: URL(filePath: $0)) }) else {
    preconditionFailure("a small model can be written")
  }
  return Array(bytes)
}
