import Foundation
import Inference
import Quantization
import TestModels
import Testing
import Tokenization

extension DefaultModelTests {
  /// The same tokens under the same plan give the same bits, however they are computed.
  @Suite struct SameBitsTests {
    let model = DefaultModel.model
    let tokens = DefaultModel.tokens
    let expected = DefaultModel.baseline.logits

    @Test func tokenByToken() throws {
      let context = try InferenceContext(model, context: 256)
      for (t, token) in tokens.enumerated() {
        #expect(differences(try context.append(token), expected[t]) == 0, "token \(t)")
      }
    }

    @Test(arguments: [[1, 2, 3, 7, 243], [255, 1], [16, 1, 15, 224], [100, 156]])
    func anyCut(counts: [Int]) throws {
      let context = try InferenceContext(model, context: 256)
      var read = 0
      for count in counts {
        read += count
        #expect(
          differences(try context.read(Array(tokens[..<read])), expected[read - 1]) == 0, "token \(read)")
      }
    }

    /// A long context is cut into chunks, which the workers share out when one token is decoded.
    @Test(arguments: [16, 8, 4])
    func acrossChunks(kvBits: Int) throws {
      var plan = Plan()
      plan.kvBits = kvBits
      let text = tokens + tokens + tokens[..<80]
      var last: [Float]?
      for threads in [1, 2, 3] {
        let context = try InferenceContext(model, plan: plan, threads: threads, context: 608)
        let whole = Array(try context.read(text))
        context.forget()
        try context.read(Array(text.dropLast(2)))
        _ = try context.append(text[text.count - 2])
        #expect(differences(try context.append(text[text.count - 1]), whole) == 0, "\(threads) threads")
        #expect(differences(last ?? whole, whole) == 0, "\(threads) threads")
        last = whole
      }
    }

    @Test(arguments: [1, 3])
    func anyNumberOfThreads(threads: Int) throws {
      let context = try InferenceContext(model, threads: threads, context: 64)
      #expect(differences(try context.read(Array(tokens[..<40])), expected[39]) == 0)
      for t in 40..<44 { #expect(differences(try context.append(tokens[t]), expected[t]) == 0) }
    }

    @Test(arguments: Kernels.available.indices.dropFirst())
    func anyKernels(index: Int) throws {
      let kernels = Kernels.available[index]
      let context = try InferenceContext(model, context: 64, kernels: kernels)
      #expect(differences(try context.read(Array(tokens[..<20])), expected[19]) == 0, "\(kernels.name)")
      for t in 20..<23 {
        #expect(differences(try context.append(tokens[t]), expected[t]) == 0, "\(kernels.name)")
      }
    }

    /// Recording similarity computes nothing else.
    @Test func withoutSimilarity() throws {
      let context = try InferenceContext(model, context: 256, recordsSimilarity: false)
      #expect(context.similarity() == nil)
      #expect(differences(try context.read(tokens), expected[255]) == 0)
    }

    /// Random changes of plan and text, each compared with a context that never saw another.
    @Test func toggledAtWill() throws {
      var random = SeededGenerator(seed: 11), plan = Plan.baseline
      let context = try InferenceContext(model, context: 256, keepsStream: true)
      var text = Array(tokens[..<20])
      for step in 0..<14 {
        for _ in 0..<random.int(1...3) {
          plan = TinyModelTests.change(plan, of: model, using: &random)
          try context.use(plan)
        }
        switch step % 3 {
        case 0: text = Array(tokens[..<random.int(10...120)])
        case 1: text += tokens[random.int(0...100)..<random.int(101...130)]
        default: break  // the same prompt again
        }
        let logits = Array(try context.read(text))
        let fresh = try InferenceContext(model, plan: plan, context: 256)
        #expect(differences(try fresh.read(text), logits) == 0, "step \(step), \(plan)")
      }
    }

    @Test func droppingAndRestoring() throws {
      let context = try InferenceContext(model, context: 256, recordsSimilarity: true)
      let prompt = Array(tokens[..<64])
      #expect(differences(try context.read(prompt), expected[63]) == 0)
      for layers: Set<Int> in [[5], [0, 7, 29], Set(0..<30)] {
        var plan = Plan()
        plan.drop.attention = layers
        plan.drop.mlp = layers.filter { $0 % 2 == 1 }
        try context.use(plan)
        #expect(differences(try context.read(prompt), expected[63]) > 1000)
        try context.use(.baseline)
        #expect(differences(try context.read(prompt), expected[63]) == 0, "restored \(plan)")
        #expect(try #require(context.similarity()).attention.joined().allSatisfy { !$0.isNaN })
      }
      // Restored in the middle of a conversation.
      for t in 64..<68 { #expect(differences(try context.append(tokens[t]), expected[t]) == 0) }
    }

    @Test func reencodingAndRestoring() throws {
      let context = try InferenceContext(model, context: 64)
      let prompt = Array(tokens[..<16])
      var plan = Plan()
      plan.bits.layers = [3: .four]
      plan.bits.head = .six
      for _ in 0..<2 {
        try context.use(plan)
        #expect(differences(try context.read(prompt), expected[15]) > 1000)
        try context.use(.baseline)
        #expect(differences(try context.read(prompt), expected[15]) == 0)
      }
    }

    /// Tokens in the cache are not computed again: only the end of a text that was read before.
    @Test func reusesTheCommonPrefix() throws {
      let context = try InferenceContext(model, context: 256)
      try context.read(tokens)
      #expect(context.reusable(tokens) == 256)
      let branch = Array(tokens[..<100]) + tokens[120..<140]
      #expect(context.reusable(branch) == 100)
      let logits = Array(try context.read(branch))
      #expect(context.tokens == branch)
      let fresh = try InferenceContext(model, context: 256)
      #expect(differences(try fresh.read(branch), logits) == 0)
      context.forget()
      #expect(context.tokens.isEmpty && context.reusable(tokens) == 0)
    }

    @Test func refusesWhatDoesNotFit() throws {
      let context = try InferenceContext(model, context: 32)
      #expect(context.capacity == 32)
      #expect(throws: ContextError.full(needed: 33, capacity: 32)) { try context.read(Array(tokens[..<33])) }
      #expect(throws: ContextError.empty) { try context.read([]) }
      #expect(differences(try context.read(Array(tokens[..<32])), expected[31]) == 0)
      #expect(throws: ContextError.full(needed: 33, capacity: 32)) { try context.append(5) }
      #expect(differences(try context.read(Array(tokens[..<32])), expected[31]) == 0)
    }

    @Test func keepsTheOldPlanWhenANewOneFails() throws {
      let context = try InferenceContext(model, context: 32)
      let prompt = Array(tokens[..<20])
      var plan = Plan()
      plan.toggle(.mlp, layer: 30)
      #expect(throws: PlanError.self) { try context.use(plan) }
      plan = Plan()
      plan.bits.default = .five
      #expect(throws: CancellationError.self) { try context.use(plan, progress: { _ in false }) }
      #expect(context.plan == .baseline)
      #expect(differences(try context.read(prompt), expected[19]) == 0)
    }

    /// Only whole batches stay; what a stop in the middle of one has left in the cache does no harm.
    @Test(arguments: [(0, 0), (17, 0), (30, 256), (59, 256)])
    func stopsBetweenLayers(after layers: Int, leaves count: Int) throws {
      let context = try InferenceContext(model, context: 512)
      let long = tokens + tokens
      var fractions: [Double] = []
      #expect(throws: CancellationError.self) {
        try context.read(long) {
          fractions.append($0)
          return fractions.count <= layers
        }
      }
      #expect(fractions.map { ($0 * 60 * 1e6).rounded() } == (0...layers).map { Double($0) * 1e6 })
      #expect(context.tokens == Array(tokens[..<count]))
      let logits = Array(try context.read(long))
      let fresh = try InferenceContext(model, context: 512)
      #expect(differences(try fresh.read(long), logits) == 0)
    }
  }
}
