import Quantization
import Tokenization

/// Fits what stands in for dropped sublayers, from the lowest layer up, with the earlier ones in place.
///
/// A map learns what the sublayer itself would add to the plan's stream. It is fitted on the first part of a
/// text, and applied to the extent that proves right on the rest.
final class HealingFit {
  private let model: Model
  private let plan: Plan
  private let tokens: [Token]
  private let pool: ComputePool
  private let workspace: Workspace
  private let transformer: Transformer
  /// Of the dropped sublayers as they are in the file.
  private let own: Weights
  /// The plan's stream [tokens][width].
  private var stream: [Float]
  /// Reports progress, and whether to go on.
  private var goesOn: () -> Bool = { true }

  /// The share of the text that maps are fitted on.
  private static let fittedShare = 0.8
  /// Tokens of a text that maps can be fitted on, at least.
  static let leastTokens = 16
  /// Of a linear map: found on SmolLM2, where 0.3 to 3 serve nearly as well.
  private static let penalty = 1.0

  /// - Parameters:
  ///   - weights: The plan's, which lack what is fitted here.
  ///   - whole: Weights that have the dropped sublayers.
  /// - Throws: ``ContextError`` when there is no memory for the text.
  init(
    _ model: Model, plan: Plan, weights: Weights, whole: Weights, tokens: [Token], pool: ComputePool,
    kernels: Kernels
  ) throws {
    self.model = model
    self.plan = plan
    own = whole
    self.tokens = tokens
    self.pool = pool
    workspace = Workspace(model, capacity: tokens.count, workers: pool.threads)
    transformer = Transformer(
      model, weights: weights, cache: try KVCache(shape: model.shape, capacity: tokens.count),
      workspace: workspace, pool: pool, kernels: kernels.table)
    stream = Array(repeating: 0, count: tokens.count * model.shape.width)
  }

  /// - Parameter progress: Called with the fraction done, after each batch; returns false to stop.
  /// - Throws: `CancellationError`.
  func run(progress: @escaping (Double) -> Bool) throws -> FittedMaps {
    var maps: FittedMaps = [:]
    let last = plan.drop.attention.union(plan.drop.mlp).max() ?? -1  // above it nothing is left to fit
    goesOn = { progress(0) }
    try step { $0.embed() }
    for layer in 0..<last + 1 {
      goesOn = { progress(Double(layer) / Double(last + 1)) }
      for sublayer in Plan.Sublayer.allCases {
        if plan.runs(sublayer, layer: layer) {
          try run(sublayer, layer, transformer.weights)
        } else if let input = input(sublayer, layer) {
          maps[SublayerPlace(layer: layer, sublayer: sublayer)] = try fit(sublayer, layer, input)
        }
      }
    }
    return maps
  }

  /// Runs a step of the pass over the whole text, a batch at a time, on the stream.
  ///
  /// - Parameter after: Called after each batch, whose rows are still in the workspace.
  private func step(
    after: (_ rows: Range<Int>) -> Void = { _ in },
    _ step: @escaping @Sendable (ForwardPass) -> Void
  ) throws {
    let width = model.shape.width
    for start in stride(from: 0, to: tokens.count, by: Workspace.batch) {
      let rows = start..<min(start + Workspace.batch, tokens.count)
      stream.withUnsafeMutableBufferPointer { stream in
        let part = stream.baseAddress! + start * width
        workspace.stream.start.update(from: part, count: rows.count * width)
        tokens.withUnsafeBufferPointer { tokens in
          let batch = Batch(
            start: .tokens(tokens.baseAddress! + start), count: rows.count, position: start)
          transformer.perform(batch) {
            $0.fillRope()
            step($0)
          }
        }
        part.update(from: workspace.stream.start, count: rows.count * width)
      }
      after(rows)
      guard goesOn() else { throw CancellationError() }
    }
  }

  private func run(_ sublayer: Plan.Sublayer, _ layer: Int, _ weights: Weights) throws {
    try step { $0.run(sublayer, of: weights.layers[layer], layer) }
  }

  /// The input of a dropped sublayer; nil where the model has no such sublayer.
  private func input(_ sublayer: Plan.Sublayer, _ layer: Int) -> Input? {
    switch (sublayer, own.layers[layer].attention, own.layers[layer].mlp) {
    case (.attention, .attention(let attention), _): Input(weights: attention.input)
    case (.attention, .map(let map), _): map.input.map { Input(weights: $0) }
    case (.mlp, _, .mlp(let mlp)): Input(weights: mlp.input)
    default: nil
    }
  }

  /// Carries what points into weights that outlive the step.
  private struct Input: @unchecked Sendable { let weights: Weights.InputWeights }

  /// The map that comes closest to the sublayer's output; its output is added to the stream instead.
  private func fit(_ sublayer: Plan.Sublayer, _ layer: Int, _ input: Input) throws -> FittedMap {
    let width = model.shape.width, before = stream
    var inputs = [Float](repeating: 0, count: stream.count)
    try step(after: { rows in
      for t in rows {
        for i in 0..<width { inputs[t * width + i] = workspace.normed.row(t - rows.lowerBound)[i] }
      }
    }) { _ = $0.input(input.weights) }
    try run(sublayer, layer, own)
    let scale = model.shape.residualScale
    let outputs = zip(stream, before).map { ($0 - $1) / scale }
    return inputs.withUnsafeBufferPointer { inputs in
      outputs.withUnsafeBufferPointer { outputs in
        let samples = Samples(
          inputs: inputs.baseAddress!, outputs: outputs.baseAddress!, count: tokens.count, width: width)
        let map = fit(samples)
        let added = samples.mapped(rows: map.rows, bias: map.bias, pool)
        for index in 0..<width { stream[index] = before[index] }
        for index in width..<stream.count { stream[index] = before[index] + scale * added[index] }
        return FittedMap(rows: map.rows, bias: map.bias)
      }
    }
  }

  private func fit(_ samples: Samples) -> (rows: [Float], bias: [Float]) {
    let fitted = samples[1..<max(2, Int(Double(samples.count) * Self.fittedShare))]
    let checked = samples[fitted.count + 1..<samples.count]
    var rows: [Float] = [], bias = fitted.mean(fitted.outputs).map { Float($0) }
    if plan.heal == .linear { (rows, bias) = RidgeRegression(penalty: Self.penalty, pool: pool).fit(fitted) }
    let share = checked.bestShare(rows: rows, bias: bias, pool)
    return (rows.map { $0 * share }, bias.map { $0 * share })
  }
}
