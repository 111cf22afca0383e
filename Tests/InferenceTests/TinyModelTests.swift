import Foundation
import GGUF
import Inference
import Quantization
import TestModels
import Testing
import Tokenization

/// Every architecture of the table on random weights: against the reference, and against itself however the
/// same result is asked for.
@Suite(.serialized) struct TinyModelTests {
  static func randomTokens(_ count: Int, using random: inout SeededGenerator) -> [Token] {
    (0..<count).map { _ in Token(random.int(0...TinyModel.vocabulary - 1)) }
  }

  @Test(arguments: TinyModel.architectures)
  func agreesWithReference(architecture: String) throws {
    try TinyModel.named(architecture).withFile { path in
      var random = SeededGenerator(seed: 3)
      let tokens = Self.randomTokens(40, using: &random)
      let expected = try ReferenceModel(path: path).read(tokens.map(Int.init))
      let context = try InferenceContext(Model(path: path), threads: 2, context: 64, recordsSimilarity: true)
      let logits = try context.allLogits(tokens)
      let divergences = logits.enumerated().map {
        divergence(expected.logProbabilities[$0.offset], logSoftmax($0.element))
      }
      #expect(divergences.max()! < 1e-4)
      #expect(divergences.reduce(0, +) / 40 < 1e-5)
      let report = try #require(context.similarity())
      for (rows, expected) in [
        (report.attention, expected.attention), (report.mlp, expected.mlp), (report.block, expected.block),
      ] {
        let worst = zip(rows.joined(), expected.joined()).map { abs(Double($0) - $1) }.max()!
        #expect(rows.count == expected.count && worst < 1e-3)
      }
    }
  }

  /// BitNet's I2_S against the same values as plain floats.
  @Test func ternaryTensorsAgreeWithTheirValues() throws {
    var random = SeededGenerator(seed: 8)
    let tokens = Self.randomTokens(30, using: &random)
    let folder = FileManager.default.temporaryDirectory
    let (coded, plain) = (
      folder.path + "/\(UUID().uuidString).gguf", folder.path + "/\(UUID().uuidString).gguf"
    )
    defer { for path in [coded, plain] { try? FileManager.default.removeItem(atPath: path) } }
    try TinyModel.bitnet().write(to: coded)
    let file = try GGUFFile(path: coded)
    var writer = GGUFWriter(metadata: file.metadata)
    for tensor in file.tensors {
      guard tensor.type == .i2_s else { writer.add(tensor); continue }
      var values = [Float](repeating: .nan, count: tensor.elementCount)
      values.withUnsafeMutableBufferPointer { tensor.type.dequantize(tensor.data, into: $0) }
      writer.add(tensor.name, shape: tensor.shape, type: .f32, bytes: values.withUnsafeBytes { Array($0) })
    }
    try writer.write(to: plain)
    let expected = try InferenceContext(Model(path: plain), context: 32).allLogits(tokens)
    let context = try InferenceContext(Model(path: coded), context: 32)
    var plan = Plan()
    plan.activationBits = 16
    try context.use(plan)
    for (t, row) in try context.allLogits(tokens).enumerated() {
      #expect(divergence(logSoftmax(expected[t]).map(Float.init), logSoftmax(row)) < 1e-4, "token \(t)")
    }
    // Held at other widths, the scale of the tensor still counts.
    plan.bits.default = .eight
    try context.use(plan)
    for (t, row) in try context.allLogits(tokens).enumerated() {
      #expect(divergence(logSoftmax(expected[t]).map(Float.init), logSoftmax(row)) < 1e-2, "token \(t)")
    }
  }

  /// Matrices in every type that no architecture's model above has; I2_S is for BitNet's own.
  @Test(arguments: RandomBlocks.rareTypes.filter { $0 != .i2_s })
  func everyTypeAgreesWithReference(type: BlockType) throws {
    try TinyModel.llama(in: type).withFile { path in
      var random = SeededGenerator(seed: 6)
      let tokens = Self.randomTokens(20, using: &random)
      let expected = try ReferenceModel(path: path).read(tokens.map(Int.init))
      let model = try Model(path: path)
      let logits = try InferenceContext(model, threads: 2, context: 32).allLogits(tokens)
      for (t, row) in logits.enumerated() {
        #expect(divergence(expected.logProbabilities[t], logSoftmax(row)) < 1e-5, "token \(t)")
      }
      for kernels in Kernels.available {
        let context = try InferenceContext(model, threads: 1, context: 32, kernels: kernels)
        for (t, token) in tokens.enumerated() {
          #expect(differences(try context.append(token), logits[t]) == 0, "\(kernels.name), token \(t)")
        }
      }
      #expect(try InferenceContext(model, context: 32).figures().bitsPerWeight < 5.1)
    }
  }

  @Test(arguments: TinyModel.architectures)
  func droppedSublayersAgreeWithReference(architecture: String) throws {
    try TinyModel.named(architecture).withFile { path in
      var random = SeededGenerator(seed: 4)
      let tokens = Self.randomTokens(30, using: &random)
      var plan = Plan()
      plan.drop.attention = [0, 2]
      plan.drop.mlp = [1, 2, 3]
      let expected = try ReferenceModel(path: path).read(tokens.map(Int.init), dropping: plan.drop)
      let context = try InferenceContext(
        Model(path: path), plan: plan, threads: 1, context: 64, recordsSimilarity: true)
      for (t, row) in try context.allLogits(tokens).enumerated() {
        #expect(divergence(expected.logProbabilities[t], logSoftmax(row)) < 1e-5, "token \(t)")
      }
      let report = try #require(context.similarity())
      for layer in expected.block.indices {
        #expect(report.attention[layer].allSatisfy { $0.isNaN == plan.drop.attention.contains(layer) })
        #expect(report.mlp[layer].allSatisfy { $0.isNaN == plan.drop.mlp.contains(layer) })
        let worst = zip(report.block[layer], expected.block[layer]).map { abs(Double($0) - $1) }.max()!
        #expect(worst < 1e-3)
      }
    }
  }

  /// However a text is cut, on however many threads, by whichever kernels: the same bits.
  @Test(arguments: TinyModel.architectures)
  func sameBitsHoweverComputed(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 5)
    let tokens = Self.randomTokens(280, using: &random)
    let whole = try InferenceContext(model, threads: 1, context: 320, recordsSimilarity: true)
    let expected = try whole.allLogits(tokens)
    let similarity = try #require(whole.similarity())
    for (index, kernels) in Kernels.available.enumerated() {
      for threads in index == 0 ? [1, 2, 3] : [1] {
        let context = try InferenceContext(
          model, threads: threads, context: 320, kernels: kernels, recordsSimilarity: true)
        var read = 0
        while read < tokens.count {
          let count = min(
            [1, 1, 2, 3, 7, 16, 31, 64, 255].randomElement(using: &random)!, tokens.count - read)
          let logits =
            count == 1 && read > 0
            ? Array(try context.append(tokens[read]))
            : try context.lastLogits(Array(tokens[..<(read + count)]))
          read += count
          #expect(
            differences(logits, expected[read - 1]) == 0, "\(kernels.name), \(threads) threads, token \(read)"
          )
        }
        let report = try #require(context.similarity())
        #expect(differences(report.attention.joined(), similarity.attention.joined()) == 0)
        #expect(differences(report.mlp.joined(), similarity.mlp.joined()) == 0)
        #expect(differences(report.block.joined(), similarity.block.joined()) == 0)
      }
    }
  }

  /// The state is a function of (tokens, plan): whatever was read and changed before, in whatever order, the
  /// next logits are those of a fresh context.
  @Test(arguments: TinyModel.architectures, 1...4)
  func stateIsFunctionOfTokensAndPlan(architecture: String, seed: Int) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: UInt64(seed))
    let context = try InferenceContext(
      model, threads: 1 + seed % 2, context: 96, recordsSimilarity: true, keepsStream: seed > 1)
    var plan = Plan.baseline
    var history = [Plan.baseline]
    var tokens = Self.randomTokens(5, using: &random)
    for step in 0..<40 {
      switch random.int(0...7) {
      case 0, 1, 2: plan = Self.change(plan, of: model, using: &random)
      case 3: plan = history.randomElement(using: &random)!
      case 4: tokens = Array(tokens.prefix(random.int(1...tokens.count)))  // an earlier branch
      case 5:
        tokens = Array(tokens.prefix(random.int(0...tokens.count))) + Self.randomTokens(9, using: &random)
      default: tokens += Self.randomTokens(random.int(1...20), using: &random)
      }
      if tokens.count > 90 { tokens.removeFirst(60) }
      history.append(plan)
      if Bool.random(using: &random) { try context.use(history.randomElement(using: &random)!) }
      try context.use(plan)
      let fresh = try InferenceContext(
        model, plan: plan, threads: 1, context: 96, recordsSimilarity: true)
      let extra = random.int(0...1)
      if seed > 3 {  // all logits, those kept and those computed now
        #expect(try context.allLogits(tokens) == fresh.allLogits(tokens), "step \(step), \(plan)")
      }
      var logits = try context.lastLogits(tokens), expected = try fresh.lastLogits(tokens)
      for token in Self.randomTokens(extra, using: &random) {  // answering
        tokens.append(token)
        logits = Array(try context.append(token))
        expected = Array(try fresh.append(token))
      }
      #expect(differences(logits, expected) == 0, "step \(step), \(plan)")
      #expect(context.tokens == tokens && context.plan == plan)
      let (report, freshReport) = (try #require(context.similarity()), try #require(fresh.similarity()))
      #expect(differences(report.attention.joined(), freshReport.attention.joined()) == 0)
      #expect(differences(report.mlp.joined(), freshReport.mlp.joined()) == 0)
      #expect(differences(report.block.joined(), freshReport.block.joined()) == 0)
      #expect(context.figures() == fresh.figures())
    }
  }

  /// Stopped within its work, a context goes on where it was, whatever the plan became in between; and a plan
  /// changed in mid-answer holds from the next token on.
  @Test(arguments: TinyModel.architectures)
  func stoppedAndChangedMidway(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 8)
    let tokens = Self.randomTokens(700, using: &random)
    let context = try InferenceContext(model, threads: 2, context: 800, keepsStream: true)
    var plan = Plan.baseline
    for step in 0..<12 {
      var calls = random.int(0...16)  // of one for each layer of three batches
      do {
        try context.read(tokens) { _ in
          calls -= 1
          return calls >= 0
        }
      } catch is CancellationError {}
      plan = Self.change(plan, of: model, using: &random)
      try context.use(plan)
      if step % 3 == 1 { try context.read(tokens) }
      if step % 3 == 2 {
        let fresh = try InferenceContext(model, plan: plan, threads: 1, context: 800)
        try context.read(Array(tokens[..<300]))
        plan = Self.change(plan, of: model, using: &random)
        try context.use(plan)
        try fresh.use(plan)
        let expected = try fresh.lastLogits(Array(tokens[...300]))
        #expect(differences(try context.append(tokens[300]), expected) == 0, "step \(step), \(plan)")
      }
    }
  }

  /// Only layers from the lowest changed one up are computed again, and tokens in common never.
  @Test func workIsWhatChanged() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }  // of 5 layers
    let context = try InferenceContext(model, threads: 1, context: 64, keepsStream: true)
    let tokens: [Token] = Array(3..<43)
    #expect(context.work(toRead: tokens) == 40)
    try context.read(tokens)
    #expect(context.work(toRead: tokens) == 0)
    #expect(context.work(toRead: tokens + [7, 8]) == 2)
    #expect(context.work(toRead: Array(tokens[..<10]) + [7]) == 1)
    var plan = Plan.baseline
    plan.toggle(.mlp, layer: 3)
    try context.use(plan)
    #expect(context.work(toRead: tokens + [7, 8]) == 40 * 2 / 5 + 2)
    plan.bits.head = .four
    plan.bits.layers[1] = .eight
    try context.use(plan)
    #expect(context.work(toRead: tokens) == 40 * 4 / 5)
    try context.read(tokens)
    plan.bits.head = .native  // no layer computes anything else
    try context.use(plan)
    #expect(context.work(toRead: tokens) == 0)
    plan.bits.layers[0] = .eight
    try context.use(plan)
    #expect(context.work(toRead: tokens) == 40)
  }

  /// A context that is let go takes its weights, cache and threads with it.
  @Test(arguments: 1...3)
  func contextsLeaveNothingBehind(threads: Int) throws {
    weak var released: Model?
    do {
      let model = try TinyModel.llama().withFile { try Model(path: $0) }
      released = model
      let context = try InferenceContext(model, threads: threads, context: 64, recordsSimilarity: true)
      try context.read([5, 6, 7])
      try context.use(
        {
          var plan = Plan(); plan.toggle(.mlp, layer: 1); return plan
        }())
      try context.read([5, 6, 7])
    }
    for _ in 0..<100 where released != nil { Thread.sleep(forTimeInterval: 0.01) }  // the last thread to end
    #expect(released == nil)
  }

  /// A change that the model allows.
  static func change(_ plan: Plan, of model: Model, using random: inout SeededGenerator) -> Plan {
    var plan = change(plan, layers: model.shape.layers, heads: model.headCounts, using: &random)
    if model.architecture.name == "gemma3" { plan.rotate = false }
    return plan
  }

  /// - Parameter heads: Query heads of each layer.
  static func change(
    _ plan: Plan, layers: Int, heads: [Int], using random: inout SeededGenerator
  ) -> Plan {
    var plan = plan
    let layer = random.int(0...layers - 1), width = BitWidth.allCases.randomElement(using: &random)!
    switch random.int(0...13) {
    case 11, 12, 13:
      // Not all heads of a layer, and none of one whose attention is dropped.
      let count = heads[layer], wanted = Set((0..<count).filter { _ in Bool.random(using: &random) })
      if plan.runs(.attention, layer: layer), wanted.count < count { plan.drop[heads: layer] = wanted }
    case 0, 1, 2: plan.toggle(.attention, layer: layer)
    case 3, 4: plan.toggle(.mlp, layer: layer)
    case 5: plan.bits.default = width
    case 6: plan.bits.layers[layer] = Bool.random(using: &random) ? width : nil
    case 7: plan.bits.attention = Bool.random(using: &random) ? width : nil
    case 8: plan.rotate.toggle()
    case 9: plan.kvBits = [16, 8, 4].randomElement(using: &random)!
    default: plan.bits.head = Bool.random(using: &random) ? width : nil
    }
    return plan
  }
}
