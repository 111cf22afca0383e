import CKernels
import Foundation
import GGUF
import TestModels
import Testing

@testable import Inference

/// The bytes that a model takes, added up before they are taken.
@Suite struct MemoryNeedTests {
  private func model(_ change: (inout TinyModel) -> Void = { _ in }) throws -> Model {
    var tiny = TinyModel.llama()
    change(&tiny)
    return try tiny.withFile { try Model(path: $0) }
  }

  /// The parts are those that are allocated.
  @Test(arguments: [(1, 16), (3, 4096), (300, 1000)])
  func workspace(workers: Int, capacity: Int) throws {
    for name in ["llama", "qwen2", "gemma3"] {
      let model = try TinyModel.named(name).withFile { try Model(path: $0) }
      let workspace = Workspace(model, capacity: capacity, workers: workers), batch = max(256, workers + 1)
      let rows = [
        workspace.stream, workspace.layerInput, workspace.queries, workspace.keys, workspace.values,
        workspace.up, workspace.delta,
      ]
      let logits = (workspace.logits.stride + workspace.guesses.stride) * Workspace.logitRows
      var floats = rows.reduce(0) { $0 + $1.stride * batch } + logits
      floats += 4 * batch * workspace.rope.global.pairs + batch  // and the factors of queries
      floats +=
        max(6 * workers, model.shape.largest(\.queryHeads)) * workspace.chunks * workspace.partialStride
      var bytes = floats * 4 + workers * Int(PARE_PANEL_BYTES)
      for activations in [workspace.normed, workspace.attended, workspace.hidden] {
        // Values, codes in two layouts, the scales of groups and the factors of tokens.
        bytes += batch * activations.stride * 4 + 2 * ((batch + 5) / 6 * 6) * activations.stride * 2
        bytes += batch * activations.stride / 64 * MemoryLayout<pare_group>.stride + batch * 4
      }
      let need = model.memoryNeed(.baseline, positions: capacity, RunConditions(threads: workers))
      #expect(need.workspace == bytes, "\(name)")
    }
  }

  @Test func sum() throws {
    let model = try model()
    let plain = model.memoryNeed(.baseline, positions: 100, RunConditions(threads: 1))
    #expect(plain.weights == model.nativeBytesPerToken && plain.preparation == 0 && plain.records == 0)
    #expect(plain.cache == 112 * model.kvBytesPerPosition)
    #expect(plain.total == plain.weights + plain.cache + plain.workspace)
    let chat = model.memoryNeed(
      .baseline, positions: 100, RunConditions(threads: 1, recordsSimilarity: true, keepsStream: true))
    #expect(chat.records == 112 * (5 * 5 * 4 + 6 * 64 * 4))
    // Narrow weights are measured with those of the file, healed ones fitted.
    let narrow = model.memoryNeed(
      .with { $0.bits.default = .two }, positions: 100, RunConditions(threads: 1))
    #expect(narrow.weights < plain.weights && narrow.preparation > plain.weights - narrow.weights)
    let healed = model.memoryNeed(
      .with { ($0.heal, $0.drop.mlp) = (.linear, [1]) }, positions: 100, RunConditions(threads: 1))
    #expect(healed.preparation > 2 * 8 * 64 * 64)
    // A change of plan keeps the old weights for a while, and shares those that stay.
    let dropped = model.memoryNeed(
      .with { $0.drop.mlp = [1] }, after: .baseline, positions: 100, RunConditions(threads: 1))
    #expect(dropped.weights + dropped.preparation == plain.weights)
    let encoded = model.memoryNeed(
      .with { $0.bits.default = .eight }, after: .baseline, positions: 100, RunConditions(threads: 1))
    #expect(encoded.preparation > 0 && encoded.preparation <= plain.weights)
    #expect(chat.parts.contains("KV cache of 100 positions") && !plain.parts.contains("records"))
  }

  /// More than the limit is refused before it is taken, with what would fit.
  @Test func offers() throws {
    let model = try model { $0.metadata["llama.context_length"] = .uint32(8192) }
    let conditions = RunConditions(threads: 1)
    func refusal(_ positions: Int?, _ bytes: Int, _ plan: Plan = .baseline) throws -> String {
      let error = #expect(throws: ContextError.self) {
        _ = try model.checkedNeed(plan, asked: positions, conditions, limit: MemoryLimit(bytes: bytes))
      }
      return "\(try #require(error))"
    }
    let least = model.memoryNeed(.baseline, positions: 16, conditions)
    let half = model.memoryNeed(.baseline, positions: 4096, conditions).total
    let message = try refusal(8192, half)
    #expect(message.contains("-c 4096 would fit") && message.contains("8192 positions"))
    #expect(!message.contains("\n"))
    // Without a length that was asked for, a shorter context is taken.
    let fitting = try model.checkedNeed(.baseline, asked: nil, conditions, limit: MemoryLimit(bytes: half))
    #expect(fitting.positions == 4096)
    // No context fits, but fewer bits do; or nothing does.
    let narrow = model.memoryNeed(.with { $0.bits.default = .eight }, positions: 16, conditions)
    #expect(try refusal(16, least.total - 1).contains(narrow.total < least.total ? "--bits" : "would fit"))
    #expect(try refusal(16, least.workspace).contains("no plan of it would fit"))
    let healed = Plan.with { ($0.heal, $0.drop.mlp) = (.linear, [1]) }
    #expect(try refusal(4096, half, healed).contains("without --heal"))
  }

  /// What a file's numbers cost beside its weights is bounded, whatever they are.
  @Test func aFilesNumbersAreBounded() throws {
    let conditions = RunConditions(threads: 8, recordsSimilarity: true, keepsStream: true)
    let long = try model { $0.metadata["llama.context_length"] = .uint32(100_000_000) }
    let limit = MemoryLimit(bytes: 1 << 40)
    let need = try long.checkedNeed(.baseline, asked: nil, conditions, limit: limit)
    #expect(need.cache <= 2 << 30 && need.workspace + need.records <= 2 << 30)
    #expect(need.positions > 100_000)
    // Heads that a few bytes of weights feed.
    var tiny = TinyModel.llama(TinyModel.Sizes(layers: 1, width: 1, heads: 1024, kvHeads: 1, headWidth: 1024))
    for index in tiny.tensors.indices { tiny.tensors[index].type = .f32 }
    tiny.metadata["llama.rope.dimension_count"] = .uint32(2)
    let heads = try tiny.withFile { try Model(path: $0) }
    let error = #expect(throws: ContextError.self) {
      _ = try heads.checkedNeed(.baseline, asked: nil, conditions, limit: limit)
    }
    #expect(try "\(#require(error))".contains("workspace"))
    #expect(throws: ContextError.self) { _ = try InferenceContext(heads, threads: 1, context: 16) }
  }
}
