import GGUF
import Inference
import Quantization
import Tokenization

func fuzzModel(_ bytes: UnsafeRawBufferPointer) {
  let file = MemoryFile(bytes)
  do {
    let gguf = try GGUFFile(path: file.path)
    var sum = 0
    for tensor in gguf.tensors { sum &+= tensor.data.reduce(tensor.rowBytes) { $0 &+ Int($1) } }
    let metadata = gguf.metadata
    for key in metadata.entries.keys.map(\.string) {
      _ = try? metadata.string(key)
      _ = try? metadata.integer(key)
      _ = try? metadata.number(key)
      _ = try? metadata.bool(key)
      _ = try? metadata.strings(key)
      _ = try? metadata.integers(key)
      _ = try? metadata.numbers(key)
      _ = try? metadata.bools(key)
    }
    let model = try Model(path: file.path)
    for token in 0..<min(model.tokenizer.vocabularySize, 300) { _ = model.tokenizer.text(of: Token(token)) }
    _ = model.tokenizer.encode("Grüße, <s> 日本\n".utf8, parsesSpecial: true)
  } catch {
    check(error)
  }
}

func fuzzBlocks(_ bytes: UnsafeRawBufferPointer) {
  guard let choice = bytes.first else { return }
  let type = BlockType.allCases[Int(choice) % BlockType.allCases.count]
  let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  let blocks = (rest.count - type.bytesPerTensor) / type.bytesPerBlock
  guard blocks > 0 else { return }
  // A copy of its own, so that a sanitizer sees a read past its end.
  let source = UnsafeMutableRawBufferPointer.allocate(
    byteCount: blocks * type.bytesPerBlock + type.bytesPerTensor, alignment: 64)
  defer { source.deallocate() }
  source.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(source.count)))
  let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: blocks * type.elementsPerBlock)
  defer { values.deallocate() }
  type.dequantize(UnsafeRawBufferPointer(source), into: values)
}

func fuzzVocabulary(_ bytes: UnsafeRawBufferPointer) {
  var input = FuzzInput(bytes)
  let models = ["gpt2", "llama", "bert", "gemma4"]
  let pretokenizers = ["default", "llama-bpe", "qwen2", "smollm", "deepseek-llm", "gpt-2"]
  let model = models[input.below(models.count)], pre = pretokenizers[input.below(pretokenizers.count)]
  let hasBytes = input.below(2) == 1
  var tokens: [String] = [], kinds: [Int32] = [], scores: [Float] = [], merges: [String] = []
  func add(_ token: String, _ kind: Int32, _ score: Float = 0) {
    tokens.append(token)
    kinds.append(kind)
    scores.append(score)
  }
  if hasBytes, model == "gpt2" {
    for byte in 0x21...0x7E { add(String(Unicode.Scalar(UInt8(byte))), 1) }
  } else if hasBytes {
    for byte in 0...255 {
      add("<0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) + ">", 6)
    }
  }
  for _ in 0..<input.below(64) {
    let kind = Int32(input.below(8)), score = Float(Int8(bitPattern: input.byte()))
    add(String(decoding: input.text(), as: UTF8.self), kind, score)
  }
  for _ in 0..<input.below(32) { merges.append(String(decoding: input.text(), as: UTF8.self)) }
  let metadata: Metadata = [
    "tokenizer.ggml.model": .string(model), "tokenizer.ggml.pre": .string(pre),
    "tokenizer.ggml.tokens": .array(MetadataArray(tokens)),
    "tokenizer.ggml.token_type": .array(MetadataArray(kinds)),
    "tokenizer.ggml.scores": .array(MetadataArray(scores)),
    "tokenizer.ggml.merges": .array(MetadataArray(merges)),
  ]
  do {
    let tokenizer = try Tokenizer(metadata: metadata)
    let text = input.all()
    for parsesSpecial in [false, true] {
      let ids = tokenizer.encode(text, parsesSpecial: parsesSpecial)
      require(ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize }, "ids are of the vocabulary")
      var decoder = StreamDecoder(tokenizer)
      var streamed = ids.map { decoder.append($0) }.joined()
      streamed += decoder.finish()
      let whole = String(decoding: tokenizer.decode(ids), as: UTF8.self)
      require(streamed.utf8.elementsEqual(whole.utf8), "a stream ends as the whole does")
    }
  } catch {
    check(error)
  }
}
