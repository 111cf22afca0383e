import Foundation
import GGUF
import Inference
import TestModels
import Testing
import Tokenization

/// Every architecture, and every key that changes a graph, against llama.cpp: tiny random models whose keys,
/// shapes and results `Fixtures/make_architectures.py` has written down.
@Suite struct ArchitectureTests {
  static let fixtures = Fixtures.load()

  @Test(arguments: fixtures.models)
  func agreesWithLlamaCpp(fixture: Fixtures.Model) throws {
    let worst = try divergences(fixture).max()!
    // Keys and values are held in f16 here, in f32 there.
    #expect(worst < 2e-5, "KL of the worst token")
  }

  /// Without some sublayers, which for llama.cpp have a last matrix of zeros.
  @Test(arguments: fixtures.models.filter { $0.dropped != nil })
  func agreesWithLlamaCppWhereSublayersAreDropped(fixture: Fixtures.Model) throws {
    let dropped = try #require(fixture.dropped), context = try Self.context(fixture, under: dropped.plan)
    let divergences = try divergences(dropped.logProbabilities, context)
    #expect(divergences.max()! < 2e-5, "KL of the worst token")
  }

  /// An export of dropped sublayers, blocks and narrow weights is a file that computes what the plan does.
  @Test(arguments: fixtures.models.filter { $0.dropped != nil })
  func exportsAreReadBack(fixture: Fixtures.Model) throws {
    var blocks = Plan.baseline, narrow = try #require(fixture.dropped).plan
    (blocks.drop.attention, blocks.drop.mlp) = ([1], [1])
    narrow.bits.default = .eight
    let tiesHead = ["bitnet", "gemma", "gemma2", "command-r", "cohere2"].contains(fixture.architecture)
    for plan in [blocks, try #require(fixture.dropped).plan, narrow] {
      let context = try Self.context(fixture, under: plan), export = try ModelExport(context)
      let path = FileManager.default.temporaryDirectory.appending(path: "tiny-\(UUID().uuidString).gguf").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      _ = try export.write(to: path)
      let file = try InferenceContext(Model(path: path), threads: 1, context: fixture.context)
      #expect(export.keepsHead == (plan == narrow && tiesHead))
      if export.keepsHead {
        #expect(file.model.file["output.weight"] == nil)
        try context.use(.with { ($0, $0.bits.head) = (narrow, .native) })
      }
      let tokens = Self.fixtures.tokens
      let expected = try context.allLogits(tokens).map { logSoftmax($0).map { Float($0) } }
      // Scales of narrow weights are rounded to f16 in files.
      #expect(try divergences(expected, file).max()! < (plan == narrow ? 1e-4 : 1e-6), "\(plan)")
    }
  }

  /// Left out, a key changes the result far beyond the tolerance: so the comparison does see it.
  @Test(arguments: fixtures.models.filter { !$0.matters.isEmpty })
  func seesEveryKey(fixture: Fixtures.Model) throws {
    for key in fixture.matters {
      #expect(try divergences(fixture, leavingOut: key).max()! > 1e-3, "\(key)")
    }
  }

  /// Reading token by token gives the bits of reading at once, whatever the architecture.
  @Test(arguments: fixtures.models)
  func sameBitsTokenByToken(fixture: Fixtures.Model) throws {
    let model = try Self.open(fixture)
    let whole = try InferenceContext(model, threads: 2, context: fixture.context)
    let single = try InferenceContext(model, threads: 1, context: fixture.context)
    let expected = try whole.allLogits(Self.fixtures.tokens)
    for (index, token) in Self.fixtures.tokens.enumerated() {
      #expect(Array(try single.append(token)) == expected[index], "token \(index)")
    }
  }

  /// Rotated and held at 16 bits, a model computes the same; where it cannot be, the plan is refused.
  @Test(arguments: fixtures.models)
  func rotatedComputesTheSame(fixture: Fixtures.Model) throws {
    var plan = Plan()
    plan.rotate = true
    let model = try Self.open(fixture)
    let unrotatable = [
      "gemma2", "gemma3", "olmo2", "stablelm", "exaone4", "glm4", "command-r", "cohere2", "starcoder2",
      "nemotron", "falcon",
    ]
    guard !unrotatable.contains(fixture.architecture) else {
      let error = #expect(throws: PlanError.self) { try InferenceContext(model, plan: plan, context: 64) }
      #expect(error?.description.contains("rotate: a model of architecture \(fixture.architecture) ") == true)
      return
    }
    let divergences = try divergences(fixture, under: plan)
    #expect(divergences.max()! < 1e-4 && divergences.reduce(0, +) / Double(divergences.count) < 1e-5)
  }

  static func open(_ fixture: Fixtures.Model, leavingOut key: String? = nil) throws -> Model {
    let path = FileManager.default.temporaryDirectory.appending(path: "tiny-\(UUID().uuidString).gguf").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try fixture.write(to: path, vocabulary: fixtures.vocabulary, leavingOut: key)
    return try Model(path: path)
  }

  /// KL(llama.cpp ‖ engine) after each token.
  private func divergences(
    _ fixture: Fixtures.Model, under plan: Plan = .baseline, leavingOut key: String? = nil
  ) throws -> [Double] {
    try divergences(fixture.logProbabilities, Self.context(fixture, under: plan, leavingOut: key))
  }

  private func divergences(_ expected: [[Float]], _ context: InferenceContext) throws -> [Double] {
    zip(expected, try context.allLogits(Self.fixtures.tokens)).map { divergence($0, logSoftmax($1)) }
  }

  private static func context(
    _ fixture: Fixtures.Model, under plan: Plan, leavingOut key: String? = nil
  ) throws -> InferenceContext {
    try InferenceContext(open(fixture, leavingOut: key), plan: plan, threads: 1, context: fixture.context)
  }
}

extension ArchitectureTests {
  struct Fixtures: Decodable, Sendable {
    var tokens: [Token]
    var vocabulary: Int
    var models: [Model]

    static func load(_ name: String = "architectures") -> Fixtures {
      let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures")!
      return try! JSONDecoder().decode(Fixtures.self, from: Data(contentsOf: url))
    }

    struct Model: Decodable, Sendable, CustomTestStringConvertible {
      var label: String
      var architecture: String
      var context: Int
      var keys: [String: Key]
      var matters: [String]
      var tensors: [TinyTensor]
      var logProbabilities: [[Float]]
      var dropped: Dropped?

      struct Dropped: Decodable, Sendable {
        var attention: Set<Int>
        var mlp: Set<Int>
        var logProbabilities: [[Float]]

        enum CodingKeys: String, CodingKey {
          case attention, mlp
          case logProbabilities = "log_probabilities"
        }

        var plan: Plan { .with { ($0.drop.attention, $0.drop.mlp) = (attention, mlp) } }
      }

      var testDescription: String { label }

      enum CodingKeys: String, CodingKey {
        case label, architecture, context, keys, matters, tensors, dropped
        case logProbabilities = "log_probabilities"
      }

      /// - Parameter isTernary: Whether matrices of the layers are held in I2_S, as −1, 0 and 1 times their scale.
      func write(
        to path: String, vocabulary: Int, leavingOut: String? = nil, isTernary: Bool = false
      ) throws {
        var metadata: Metadata = [
          "general.architecture": .string(architecture),
          "tokenizer.ggml.model": .string("gpt2"),
          "tokenizer.ggml.pre": .string("gpt-2"),
          "tokenizer.ggml.tokens": .array(MetadataArray((0..<vocabulary).map { "t\($0)" })),
          "tokenizer.ggml.merges": .array(MetadataArray(["x y"])),
        ]
        for (key, value) in keys where key != leavingOut {
          metadata["\(architecture).\(key)"] = value.metadata
        }
        var writer = GGUFWriter(metadata: metadata)
        for tensor in tensors {
          let isCoded = isTernary && tensor.shape.count == 2 && tensor.name.hasPrefix("blk.")
          writer.add(
            tensor.name, shape: tensor.shape, type: isCoded ? .i2_s : .f32,
            bytes: isCoded ? tensor.ternaryBytes : tensor.bytes)
        }
        try writer.write(to: path)
      }
    }

    enum Key: Decodable, Sendable {
      case integer(UInt32), number(Float), bool(Bool), text(String), list([UInt32]), bools([Bool])

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bool = try? container.decode(Bool.self) {
          self = .bool(bool)
        } else if let integer = try? container.decode(UInt32.self) {
          self = .integer(integer)
        } else if let number = try? container.decode(Float.self) {
          self = .number(number)
        } else if let text = try? container.decode(String.self) {
          self = .text(text)
        } else if let bools = try? container.decode([Bool].self) {
          self = .bools(bools)
        } else {
          self = .list(try container.decode([UInt32].self))
        }
      }

      var metadata: MetadataValue {
        switch self {
        case .integer(let value): .uint32(value)
        case .number(let value): .float32(value)
        case .bool(let value): .bool(value)
        case .text(let value): .string(value)
        case .list(let values): .array(MetadataArray(values))
        case .bools(let values): .array(MetadataArray(values))
        }
      }
    }

    /// A tensor whose values follow from its name, as in `make_architectures.py`.
    struct TinyTensor: Decodable, Sendable {
      var name: String
      var shape: [Int]
      var scale: Float
      var mean: Float
      /// Columns that are 0 in all rows.
      var zeroColumns: Set<Int> = []

      private enum CodingKeys: CodingKey { case name, shape, scale, mean }

      var bytes: [UInt8] { values.withUnsafeBytes { Array($0) } }

      /// Blocks of I2_S: 0 for the values in the middle third, 1 and −1 for those above and below.
      var ternaryBytes: [UInt8] {
        let values = values, third = scale / 3
        var bytes = [UInt8](repeating: 0, count: values.count / 4)
        for (index, value) in values.enumerated() {
          let code: UInt8 = value > third ? 2 : value < -third ? 0 : 1
          bytes[index / 128 * 32 + index % 32] |= code << UInt8(6 - index % 128 / 32 * 2)
        }
        return bytes + withUnsafeBytes(of: scale) { Array($0) } + [UInt8](repeating: 0, count: 28)
      }

      private var values: [Float] {
        let seed = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return (0..<shape.reduce(1, *)).map { index in
          if zeroColumns.contains(index % shape[0]) { return 0 as Float }
          let bits = Self.mix(seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15) >> 40
          return mean + scale * (Float(bits) * 0x1p-23 - 1)
        }
      }

      private static func mix(_ x: UInt64) -> UInt64 {
        var x = x &+ 0x9e37_79b9_7f4a_7c15
        x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
        return x ^ (x >> 31)
      }
    }
  }
}
