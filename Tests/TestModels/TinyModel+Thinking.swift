import GGUF

/// What a tiny model that thinks says, and how.
package struct Thinker {
  /// The words of the thought and of the answer, each a token of its own that occurs once.
  package var thought = [
    "Let", " me", " weigh", " this", ":", " one", " side", ",", " then", " the", " other", ".\nSo", " both",
    " hold", "!",
  ]
  package var answer = ["It", " is", " **fine**", " either", " way", "."]
  package var opening = "<think>", closing = "</think>"
  /// Whether the markers are control tokens, whose text is never shown, rather than user-defined ones.
  package var hasControlMarkers = false
  /// Whether the template opens the thought, rather than the model.
  package var isOpenedByTemplate = false
  /// Whether the template knows `enable_thinking`.
  package var hasSwitch = true
  /// Whether the thought begins again where it should end.
  package var neverEnds = false

  package init() {}

  /// The text of the thought and of the answer, as people see them.
  package var thoughtText: String { thought.joined() }
  package var answerText: String { answer.joined() }
  /// Drawn tokens of the thought with its markers, and of the answer without the end of the turn.
  package var thoughtTokens: Int { thought.count + (isOpenedByTemplate ? 1 : 2) + 1 }
  package var answerTokens: Int { answer.count }

  package var template: String {
    let generation = isOpenedByTemplate ? "\(opening)\n" : ""
    let off = "{{ '\(opening)\n\n\(closing)\n\n' }}"
    return """
      {%- for message in messages -%}
      {{ '<|im_start|>' + message.role + '\n' }}
      {%- if message.role == 'assistant' and message.reasoning_content -%}
      {{ '\(opening)\n' + message.reasoning_content + '\n\(closing)\n\n' }}
      {%- endif -%}
      {{ message.content + '<|im_end|>\n' }}
      {%- endfor -%}
      {%- if add_generation_prompt -%}
      {{ '<|im_start|>assistant\n' }}
      \(hasSwitch ? "{%- if enable_thinking is defined and not enable_thinking -%}\(off){%- else -%}" : "{%- if true -%}")
      {{- '\(generation)' -}}{%- endif -%}
      {%- endif -%}
      """
  }
}

extension TinyModel {
  /// A model that always says the same: each token is followed by the one that ``Thinker`` has after it.
  ///
  /// A token's embedding has a dimension of its own, the layers add nothing, and the head gives the highest logit to
  /// the token that follows. After the line break that ends a prompt comes the thought, and after the empty line
  /// that ends a thought the answer: so a template that writes the empty pair of markers gets the answer at once.
  package static func thinking(_ thinker: Thinker = Thinker()) -> TinyModel {
    let width = 256
    let sizes = Sizes(layers: 3, width: width, heads: 4, kvHeads: 2, headWidth: 16, mlpWidth: 64)
    var model = llama(sizes)
    guard case .array(let array)? = model.metadata["tokenizer.ggml.tokens"], var spellings = array.byteStrings
    else { return model }
    func spelled(_ text: String) -> [UInt8] {
      Array(text.replacing(" ", with: "Ġ").replacing("\n", with: "Ċ").utf8)
    }
    let markers = [thinker.opening, thinker.closing]
    let words = (["\n\n"] + thinker.thought + thinker.answer).filter { !spellings.contains(spelled($0)) }
    var kinds = (0..<spellings.count).map { Int32($0 < 3 ? 3 : 1) }
    spellings += markers.map { Array($0.utf8) } + words.map(spelled)
    kinds += markers.map { _ in thinker.hasControlMarkers ? 3 : 4 } + words.map { _ in 1 }
    model.metadata["tokenizer.ggml.tokens"] = .array(MetadataArray(spellings))
    model.metadata["tokenizer.ggml.token_type"] = .array(MetadataArray(kinds))
    model.metadata["tokenizer.ggml.merges"] = .array(MetadataArray(["Ċ Ċ"]))
    model.metadata["tokenizer.chat_template"] = .string(thinker.template)

    func id(_ text: String) -> Int { spellings.firstIndex(of: spelled(text)) ?? 0 }
    let opened = thinker.isOpenedByTemplate ? ["\n"] : ["\n", thinker.opening]
    var chains = [
      opened + thinker.thought + (thinker.neverEnds ? [] : [thinker.closing]),
      [thinker.closing, "\n\n"] + thinker.answer + ["<|im_end|>"],
    ]
    if thinker.neverEnds, let last = thinker.thought.last { chains.append([last, thinker.thought[0]]) }
    var head = [Float](repeating: 0, count: spellings.count * width)
    for chain in chains {
      for (token, next) in zip(chain, chain.dropFirst()) { head[id(next) * width + id(token)] = 4 }
    }
    var embedding = [Float](repeating: 0, count: spellings.count * width)
    for token in spellings.indices { embedding[token * width + token] = 1 }

    model.tensors = model.tensors.filter { !$0.name.hasPrefix("token_embd") }.map { tensor in
      var tensor = tensor
      let isOutput = tensor.name.contains("attn_output") || tensor.name.contains("ffn_down")
      tensor.type = .f32
      if isOutput { tensor.values = Array(repeating: 0, count: tensor.shape.reduce(1, *)) }
      if tensor.name.hasPrefix("output_norm") { tensor.values = Array(repeating: 1, count: width) }
      return tensor
    }
    for (name, values) in [("token_embd.weight", embedding), ("output.weight", head)] {
      model.tensors.append(
        TensorSpecification(
          name: name, shape: [width, spellings.count], type: .f32, scale: 0, values: values))
    }
    return model
  }
}
