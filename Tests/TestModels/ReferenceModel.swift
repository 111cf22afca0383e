import Dispatch
import Foundation
import GGUF
import Inference
import Quantization

/// The transformer in plain loops over dequantized weights: the yardstick of the engine.
///
/// It shares nothing with the engine's forward pass, kernels or packed weights; of the architectures it
/// knows what their papers and reference implementations say.
package struct ReferenceModel: Sendable {
  package let file: GGUFFile
  package let sizes: Sizes
  package let style: Style

  package struct Sizes: Sendable {
    package var layers, width, heads, kvHeads, keyWidth, valueWidth, window: Int
    package var epsilon, ropeBase: Double
  }

  /// The architectures, whose graphs differ.
  package enum Style: String, Sendable { case llama, qwen2, gemma3, arcee }

  package struct Output: Sendable {
    /// Natural logarithms [token, vocabulary].
    package var logProbabilities: Rows
    /// Cosines of the residual stream before and after, [layer][token]; empty where dropped.
    package var attention, mlp, block: [[Double]]
    /// The residual stream: the embedding, and after each layer.
    package var stream: [Rows]
    /// The residual stream between the attention and the MLP of each layer.
    package var between: [Rows]
  }

  package init(path: String) throws {
    file = try GGUFFile(path: path)
    let metadata = file.metadata
    style = Style(rawValue: try metadata.string("general.architecture") ?? "")!
    let prefix = style.rawValue + "."
    func integer(_ key: String) throws -> Int? { try metadata.integer(prefix + key) }
    let width = try integer("embedding_length")!
    let heads = try integer("attention.head_count")!
    let keyWidth = try integer("attention.key_length") ?? width / heads
    sizes = Sizes(
      layers: try integer("block_count")!, width: width, heads: heads,
      kvHeads: try integer("attention.head_count_kv") ?? heads, keyWidth: keyWidth,
      valueWidth: try integer("attention.value_length") ?? keyWidth,
      window: try integer("attention.sliding_window") ?? 0,
      epsilon: try metadata.number(prefix + "attention.layer_norm_rms_epsilon")!,
      ropeBase: try metadata.number(prefix + "rope.freq_base") ?? 10_000)
  }

  /// Reads `tokens` as one text.
  package func read(_ tokens: [Int], dropping drop: Plan.Drop = Plan.Drop()) -> Output {
    var x = rows("token_embd.weight", tokens)
    if style == .gemma3 { x = x.map { $0 * Float(sizes.width).squareRoot() } }
    var stream = [x], between: [Rows] = []
    var similarity: (attention: [[Double]], mlp: [[Double]], block: [[Double]]) = ([], [], [])
    for layer in 0..<sizes.layers {
      let start = x
      if drop.attention.contains(layer) {
        similarity.attention.append([])
      } else {
        let before = x
        x = x.combined(with: attention(x, layer, dropping: drop[heads: layer]), +)
        similarity.attention.append(before.cosines(x))
      }
      between.append(x)
      if drop.mlp.contains(layer) {
        similarity.mlp.append([])
      } else {
        let before = x
        x = x.combined(with: mlp(x, layer), +)
        similarity.mlp.append(before.cosines(x))
      }
      similarity.block.append(start.cosines(x))
      stream.append(x)
    }
    return Output(
      logProbabilities: logProbabilities(x), attention: similarity.attention, mlp: similarity.mlp,
      block: similarity.block, stream: stream, between: between)
  }

  /// Final norm and output head.
  package func logProbabilities(_ x: Rows) -> Rows {
    let head = file["output.weight"] == nil ? "token_embd.weight" : "output.weight"
    return linear(norm(x, "output_norm.weight"), head).logSoftmax()
  }
}

// MARK: - Sublayers

extension ReferenceModel {
  /// Rotated queries and keys, and the first position that each sees.
  private func queriesAndKeys(_ n: Rows, _ layer: Int) -> (
    queries: Rows, keys: Rows, first: @Sendable (Int) -> Int
  ) {
    let blk = "blk.\(layer).", s = sizes
    var q = linear(n, blk + "attn_q.weight", bias: blk + "attn_q.bias")
    var k = linear(n, blk + "attn_k.weight", bias: blk + "attn_k.bias")
    if style == .gemma3 {
      q = norm(q, blk + "attn_q_norm.weight", head: s.keyWidth)
      k = norm(k, blk + "attn_k_norm.weight", head: s.keyWidth)
    }
    let isLocal = style == .gemma3 && (layer + 1) % 6 != 0
    let base = isLocal ? 10_000 : s.ropeBase
    let window = isLocal ? s.window : 0
    return (rotate(q, base: base), rotate(k, base: base), { window > 0 ? max(0, $0 - window + 1) : 0 })
  }

  /// The attention weights of query `t` of `head` for each position from `first` on.
  private func weights(_ head: Int, _ t: Int, from first: Int, _ queries: Rows, _ keys: Rows) -> [Double] {
    let s = sizes, kvHead = head / (s.heads / s.kvHeads)
    let query = queries.pointer(t) + head * s.keyWidth
    let scores = (first...t).map { position in
      Double(dot(query, keys.pointer(position) + kvHead * s.keyWidth, s.keyWidth))
        / Double(s.keyWidth).squareRoot()
    }
    let peak = scores.max()!
    let exponentials = scores.map { exp($0 - peak) }, total = exponentials.reduce(0, +)
    return exponentials.map { $0 / total }
  }

  /// The attention weights of a head, of the stream before its layer: by the token that looks, from the first
  /// position that it sees.
  ///
  /// - Parameter held: The keys of the head's KV head that take the place of the computed ones.
  package func attentionWeights(
    _ x: Rows, layer: Int, head: Int, held: [[Float]]? = nil
  ) -> [(first: Int, weights: [Double])] {
    let (queries, own, first) = queriesAndKeys(norm(x, "blk.\(layer).attn_norm.weight"), layer)
    let start = head / (sizes.heads / sizes.kvHeads) * sizes.keyWidth
    let keys =
      held.map { held in
        Rows(count: x.count, width: own.width) { t, row in
          for (column, value) in held[t].enumerated() { row[start + column] = value }
        }
      } ?? own
    return (0..<x.count).map { (first($0), weights(head, $0, from: first($0), queries, keys)) }
  }

  private func attention(_ x: Rows, _ layer: Int, dropping dropped: Set<Int>) -> Rows {
    let blk = "blk.\(layer)."
    let delta = linear(attended(x, layer) { !dropped.contains($0) }, blk + "attn_output.weight")
    return style == .gemma3 ? norm(delta, blk + "post_attention_norm.weight") : delta
  }

  /// The part of the logits, before softmax, that the row of one head makes of the stream at the end: [token,
  /// vocabulary].
  package func logits(ofHead head: Int, layer: Int, _ x: Rows, end: Rows) -> Rows {
    let blk = "blk.\(layer)."
    var row = linear(attended(x, layer) { $0 == head }, blk + "attn_output.weight")
    if style == .gemma3 {
      let whole = linear(attended(x, layer) { _ in true }, blk + "attn_output.weight")
      row = scaled(row, likeNormOf: whole, blk + "post_attention_norm.weight")
    }
    let name = file["output.weight"] == nil ? "token_embd.weight" : "output.weight"
    return linear(scaled(row, likeNormOf: end, "output_norm.weight"), name)
  }

  /// The part of norm(whole) that comes of a summand.
  private func scaled(_ x: Rows, likeNormOf whole: Rows, _ name: String) -> Rows {
    let weight = values(name)
    return Rows(count: x.count, width: x.width) { t, out in
      let squares = whole[t].reduce(0.0) { $0 + Double($1) * Double($1) }
      let factor = 1 / (squares / Double(x.width) + sizes.epsilon).squareRoot()
      for i in 0..<x.width { out[i] = Float(Double(x[t][i]) * factor) * weight[i] }
    }
  }

  /// The mixed values of some heads [token, head · width], zero of the others.
  private func attended(_ x: Rows, _ layer: Int, heads: @Sendable (Int) -> Bool) -> Rows {
    let blk = "blk.\(layer).", s = sizes
    let n = norm(x, blk + "attn_norm.weight")
    let (queries, keys, first) = queriesAndKeys(n, layer)
    let v = linear(n, blk + "attn_v.weight", bias: blk + "attn_v.bias")

    return Rows(count: x.count, width: s.heads * s.valueWidth) { t, out in
      for head in 0..<s.heads where heads(head) {
        let kvHead = head / (s.heads / s.kvHeads)
        let weights = weights(head, t, from: first(t), queries, keys)
        for (position, weight) in zip(first(t)...t, weights) {
          let value = v.pointer(position) + kvHead * s.valueWidth
          for i in 0..<s.valueWidth { out[head * s.valueWidth + i] += Float(weight) * value[i] }
        }
      }
    }
  }

  private func mlp(_ x: Rows, _ layer: Int) -> Rows {
    let blk = "blk.\(layer)."
    let n = norm(x, blk + "ffn_norm.weight")
    let up = linear(n, blk + "ffn_up.weight")
    let hidden =
      style == .arcee
      ? up.map { max($0, 0) * max($0, 0) }
      : linear(n, blk + "ffn_gate.weight").combined(with: up) {
        (style == .gemma3 ? gelu($0) : $0 / (1 + exp(-$0))) * $1
      }
    let delta = linear(hidden, blk + "ffn_down.weight")
    return style == .gemma3 ? norm(delta, blk + "post_ffw_norm.weight") : delta
  }

  /// The tanh form, as Gemma's authors use it.
  private func gelu(_ x: Float) -> Float {
    0.5 * x * (1 + tanh((2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  /// Rotary position embedding of every head: neighbouring elements in llama and arcee, the two halves elsewhere.
  private func rotate(_ x: Rows, base: Double) -> Rows {
    let width = sizes.keyWidth, half = width / 2
    return Rows(count: x.count, width: x.width) { t, out in
      let row = x[t]
      for head in stride(from: 0, to: x.width, by: width) {
        for pair in 0..<half {
          let angle = Double(t) * pow(base, -Double(pair) / Double(half))
          let (i, j) =
            style == .llama || style == .arcee
            ? (head + 2 * pair, head + 2 * pair + 1) : (head + pair, head + pair + half)
          let a = Double(row[i]), b = Double(row[j])
          out[i] = Float(a * cos(angle) - b * sin(angle))
          out[j] = Float(a * sin(angle) + b * cos(angle))
        }
      }
    }
  }

  /// Root-mean-square norm of each row, or of each `head` elements of it.
  private func norm(_ x: Rows, _ name: String, head: Int? = nil) -> Rows {
    let weight = values(name), width = head ?? x.width
    return Rows(count: x.count, width: x.width) { t, out in
      let row = x[t]
      for start in stride(from: 0, to: x.width, by: width) {
        let squares = (start..<start + width).reduce(0.0) { $0 + Double(row[$1]) * Double(row[$1]) }
        let factor = 1 / (squares / Double(width) + sizes.epsilon).squareRoot()
        for i in start..<start + width { out[i] = Float(Double(row[i]) * factor) * weight[i - start] }
      }
    }
  }
}

// MARK: - Weights

extension ReferenceModel {
  /// All elements of a tensor.
  private func values(_ name: String) -> [Float] {
    let tensor = file[name]!
    return [Float](unsafeUninitializedCapacity: tensor.elementCount) { buffer, count in
      tensor.type.dequantize(tensor.data, into: buffer)
      count = tensor.elementCount
    }
  }

  /// The rows of a matrix with these numbers.
  private func rows(_ name: String, _ numbers: [Int]) -> Rows {
    let tensor = file[name]!
    return Rows(count: numbers.count, width: tensor.shape[0]) { index, row in
      dequantize(tensor, numbers[index], row)
    }
  }

  private func dequantize(_ tensor: Tensor, _ row: Int, _ out: UnsafeMutablePointer<Float>) {
    let bytes = tensor.data[row * tensor.rowBytes..<(row + 1) * tensor.rowBytes]
    tensor.type.dequantize(
      UnsafeRawBufferPointer(rebasing: bytes),
      into: UnsafeMutableBufferPointer(start: out, count: tensor.shape[0]))
  }

  /// scale · W x + bias for every row of x; no scale and no bias where the file has none.
  private func linear(_ x: Rows, _ name: String, bias: String? = nil) -> Rows {
    let tensor = file[name]!, outputs = tensor.shape[1]
    let bias = bias.flatMap { file[$0] == nil ? nil : values($0) }
    let scaleName = name.dropLast("weight".count) + "scale"
    let scale = file[String(scaleName)] == nil ? 1 : values(String(scaleName))[0]
    return Rows(count: outputs, width: x.count) { output, row in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: x.width) { weights in
        dequantize(tensor, output, weights.baseAddress!)
        for t in 0..<x.count {
          row[t] = scale * dot(weights.baseAddress!, x.pointer(t), x.width) + (bias?[output] ?? 0)
        }
      }
    }.transposed()
  }
}

/// ⟨a, b⟩ in sixteen partial sums.
private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
  var sums = SIMD16<Float>.zero
  let whole = count / 16 * 16
  for i in stride(from: 0, to: whole, by: 16) {
    sums +=
      UnsafeRawPointer(a + i).loadUnaligned(as: SIMD16<Float>.self)
      * UnsafeRawPointer(b + i).loadUnaligned(as: SIMD16<Float>.self)
  }
  return (whole..<count).reduce(sums.sum()) { $0 + a[$1] * b[$1] }
}
