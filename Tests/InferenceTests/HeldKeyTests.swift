import CKernels
import Foundation
import ModelFiles
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Attention weights of a probe, against plain loops over the stream that the engine keeps and the keys that
/// its cache holds, in 16, 8 and 4 bits.
@Suite(.serialized) struct HeldKeyTests {
  @Test(arguments: TinyModel.architectures, [16, 8, 4])
  func smallModels(architecture: String, bits: Int) throws {
    try TinyModel.named(architecture).withFile { path in
      let sizes = try ReferenceModel(path: path).sizes
      try expectAgreement(
        path, bits: bits, tokens: ProbeTests.tokens, layers: 0..<sizes.layers, heads: 0..<sizes.heads)
    }
  }

  static let models = [
    "SmolLM2-135M-Instruct.Q4_1", "gemma-3-270m-q4_k_m", "qwen2.5-coder-1.5b-instruct-q4_k_m",
  ].map { ModelFiles.folder + "/\($0).gguf" }
    .filter { FileManager.default.fileExists(atPath: $0) }

  /// The models of the catalogue that are there.
  @Test(.enabled(if: ModelFiles.areThere), arguments: models, [16, 4])
  func realModels(path: String, bits: Int) throws {
    let text = "Between 1914 and 1918 nearly all of Europe was at war; in 1919 it made peace."
    let tokens = try Model(path: path).tokenizer.encode(Array(text.utf8))
    try expectAgreement(path, bits: bits, tokens: tokens, layers: [0, 5, 11], heads: [0, 3])
  }

  private func expectAgreement(
    _ path: String, bits: Int, tokens: [Token], layers: some Sequence<Int>, heads: some Sequence<Int>
  ) throws {
    var plan = Plan()
    plan.kvBits = bits
    let context = try InferenceContext(
      Model(path: path), plan: plan, threads: 2, context: 64, keepsStream: true)
    try context.read(tokens)
    let reference = try ReferenceModel(path: path), width = context.model.shape.width
    let checkpoints = try #require(context.checkpoints)
    for layer in layers {
      let stream = Rows(count: tokens.count, width: width) { t, row in
        row.update(from: checkpoints.row(layer: layer, position: t), count: width)
      }
      for head in heads {
        guard
          case .attention(let pattern) = try context.report(of: .attention(layer: layer, head: head)).content
        else { throw ProbeTests.Missing() }
        let kvHead = head / (reference.sizes.heads / reference.sizes.kvHeads)
        let held = (0..<tokens.count).map { key(context, layer, kvHead, $0) }
        let expected = reference.attentionWeights(stream, layer: layer, head: head, held: held)
        #expect(pattern.rows.count == tokens.count)
        for (row, expected) in zip(pattern.rows, expected) {
          let row = try #require(row)
          #expect(row.first == expected.first && row.weights.count == expected.weights.count)
          let worst = zip(row.weights, expected.weights).map { abs(Double($0) - $1) }.max()!
          #expect(worst < 1e-3, "layer \(layer), head \(head)")
        }
      }
    }
  }

  /// The values of a cached key, in the columns of the model. The layout of its codes: attention.inc.
  private func key(_ context: InferenceContext, _ layer: Int, _ kvHead: Int, _ position: Int) -> [Float] {
    let cache = context.cache, bits = cache.bits.key, width = context.model.shape.layerShapes[0].keyWidth
    let tile =
      UnsafePointer(cache.keys(layer: layer, head: kvHead))
      + position / 16 * pare_kv_tile_bytes(Int32(bits), Int32(width))
    let place = position % 16
    func half(_ bytes: UnsafePointer<UInt8>) -> Float {
      Float(Float16(bitPattern: UInt16(bytes[0]) | UInt16(bytes[1]) << 8))
    }
    var key = (0..<width).map { column in
      let group = tile + column / 32 * pare_kv_tile_bytes(Int32(bits), 32), i = column % 32
      if bits == 16 { return half(group + 2 * (i * 16 + place)) }
      let codes = group + 32, scale = half(group + 2 * place)
      if bits == 8 { return scale * Float(Int8(bitPattern: codes[i * 16 + place])) }
      let pair = codes[i / 2 * 16 + place]
      return scale * Float(Int(i % 2 == 0 ? pair & 15 : pair >> 4) - 8)
    }
    // The rotation is its own inverse.
    key.withUnsafeMutableBufferPointer { cache.rotate(query: $0.baseAddress!, layer: layer) }
    return key
  }
}
