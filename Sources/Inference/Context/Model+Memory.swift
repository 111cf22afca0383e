import Foundation
import Quantization

/// The conditions of running a model that its memory depends on.
public struct RunConditions: Sendable, Hashable {
  public var threads: Int
  public var recordsSimilarity: Bool
  public var keepsStream: Bool

  /// - Parameter threads: Compute threads.
  public init(threads: Int, recordsSimilarity: Bool = false, keepsStream: Bool = false) {
    self.threads = threads
    self.recordsSimilarity = recordsSimilarity
    self.keepsStream = keepsStream
  }
}

extension Model {
  /// The bytes that running `plan` takes in a context of `positions`. Takes none of them.
  ///
  /// - Parameter old: The plan in use, whose weights stay until the new ones are there; those that both have
  ///   are shared.
  public func memoryNeed(
    _ plan: Plan, after old: Plan? = nil, positions: Int, _ conditions: RunConditions
  ) -> MemoryNeed {
    // Far beyond any context, and small enough to multiply.
    let rounded = min(max(16, positions), 1 << 40).roundedUp(to: 16)
    let sizes = Workspace.Sizes(shape, capacity: 16, workers: conditions.threads)
    let chunks = rounded.roundedUp(to: 256) / 256
    let partials = sizes.partialRows * sizes.partialStride * MemoryLayout<Float>.stride
    var records = 0
    if conditions.recordsSimilarity {
      records = rounded.multipliedSaturated(SimilarityLog.bytesPerPosition(shape))
    }
    if conditions.keepsStream {
      records = records.addingSaturated(StreamCheckpoints.byteCount(shape, capacity: rounded))
    }
    return MemoryNeed(
      positions: positions, weights: weightBytes(ofAll: [plan]),
      cache: rounded.multipliedSaturated(shape.kvBytesPerPosition(bits: kvBits(plan))),
      workspace: sizes.byteCount.addingSaturated((chunks - 1).multipliedSaturated(partials)),
      records: records, preparation: preparationBytes(plan, after: old, conditions))
  }

  /// Bytes of the matrices that both plans run in the same form.
  func sharedWeightBytes(_ one: Plan, _ other: Plan) -> Int {
    weightBytes(ofAll: [one]) + weightBytes(ofAll: [other]) - weightBytes(ofAll: [one, other])
  }

  /// Bytes of the matrices that some of the plans run, and of the maps that heal one; what several have is
  /// counted once.
  private func weightBytes(ofAll plans: [Plan]) -> Int {
    struct Form: Hashable {
      var isRotated: Bool
      var format: PackedFormat
    }
    var bytes = 0
    func add(_ matrices: [MatrixSource], _ plans: [Plan], _ width: (Plan) -> BitWidth) {
      for matrix in matrices {
        let forms = Set(
          plans.map {
            Form(
              isRotated: $0.rotate, format: width($0).format(of: matrix, isRotated: $0.rotate))
          })
        for form in forms {
          bytes = bytes.addingSaturated(PackedMatrix.byteCount(matrix, format: form.format))
        }
      }
    }
    for (layer, tensors) in layers.enumerated() {
      for sublayer in Plan.Sublayer.allCases {
        add(tensors.matrices(of: sublayer), plans.filter { $0.runs(sublayer, layer: layer) }) {
          $0.bits(of: sublayer, layer: layer)
        }
      }
    }
    add([head], plans) { $0.headBits }
    // Fitted maps are held at 8 bits, and as f32 besides.
    let maps = plans.map { $0.heal == .linear ? $0.drop.attention.count + $0.drop.mlp.count : 0 }.max() ?? 0
    return bytes.addingSaturated(maps.multipliedSaturated(shape.width * shape.width * 6))
  }

  /// Tokens of the built-in text that plans are prepared with, at most.
  private static let preparedTokens = 4608

  /// The most that is taken besides while the weights of a plan are made.
  private func preparationBytes(_ plan: Plan, after old: Plan?, _ conditions: RunConditions) -> Int {
    let others = old.map { [$0] } ?? []
    var most = weightBytes(ofAll: others + [plan])
    let isMeasured = !plan.rotate && plan.isNarrow(layers: shape.layers)
    if isMeasured || plan.heals {
      let tokens = min(Self.preparedTokens, shape.trainedContext)
      let pass =
        Workspace.Sizes(shape, capacity: tokens, workers: conditions.threads).byteCount
        + tokens * shape.kvBytesPerPosition()
      if isMeasured { most = max(most, weightBytes(ofAll: others + [.baseline]).addingSaturated(pass)) }
      if plan.heals {
        var whole = plan
        whole.drop = Plan.Drop()
        // Inputs and outputs of the regression, and its sums in f64.
        let samples = 6 * 4 * tokens * shape.width
        let sums = plan.heal == .linear ? 2 * 8 * shape.width * shape.width : 0
        most = max(
          most, weightBytes(ofAll: others + [plan, whole]).addingSaturated(pass + samples + sums))
      }
    }
    return most - weightBytes(ofAll: [plan])
  }

  /// The positions of a context where no length is asked for: the trained ones, as far as neither the cache
  /// nor workspace and records together take more than ``MemoryLimit/unasked``, and all fits `limit`.
  public func standardContext(
    _ plan: Plan = .baseline, _ conditions: RunConditions, limit: MemoryLimit = .machine
  ) -> Int {
    let cached = max(16, MemoryLimit.unasked / max(1, shape.kvBytesPerPosition()) / 16 * 16)
    return largestContext(upTo: min(shape.trainedContext, cached), plan, conditions) { need in
      need.workspace.addingSaturated(need.records) <= MemoryLimit.unasked && need.total <= limit.bytes
    } ?? 16
  }

  /// The largest context up to a bound whose need `fits`; nil where not even the smallest does.
  private func largestContext(
    upTo bound: Int, _ plan: Plan, _ conditions: RunConditions, _ fits: (MemoryNeed) -> Bool
  ) -> Int? {
    func isFitting(_ positions: Int) -> Bool { fits(memoryNeed(plan, positions: positions, conditions)) }
    if isFitting(bound) { return bound }
    guard isFitting(16) else { return nil }
    var low = 1, high = bound / 16  // in steps of 16; the lower fits, the upper does not
    while high - low > 1 {
      let middle = (low + high) / 2
      if isFitting(16 * middle) { low = middle } else { high = middle }
    }
    return 16 * low
  }

  /// The need of `plan`, checked.
  ///
  /// - Parameters:
  ///   - asked: Positions that are asked for; nil for ``standardContext(_:_:limit:)``.
  ///   - others: Bytes that are taken already, beside what is needed.
  /// - Throws: ``ContextError`` when it is more than `limit`, with what would fit.
  public func checkedNeed(
    _ plan: Plan, after old: Plan? = nil, asked: Int?, _ conditions: RunConditions, others: Int = 0,
    limit: MemoryLimit = .machine
  ) throws(ContextError) -> MemoryNeed {
    let room = MemoryLimit(bytes: max(0, limit.bytes - others))
    let positions = asked ?? standardContext(plan, conditions, limit: room)
    let need = memoryNeed(plan, after: old, positions: positions, conditions)
    let least = memoryNeed(plan, positions: 16, conditions)
    if least.workspace > MemoryLimit.unasked {
      throw .need(
        "\(name): heads, MLP or vocabulary of this file want \(least.workspace.inUnits) of workspace, and no model"
          + " gets more than \(MemoryLimit.unasked.inUnits): convert the model again")
    }
    guard need.total > room.bytes else { return need }
    throw .need(
      "\(name): takes \(need.total.inUnits) (\(need.parts)), and this machine lends \(room.bytes.inUnits): "
        + offer(plan, asked: positions, conditions, room))
  }

  /// What would fit: a shorter context, a plan of fewer bits, or neither.
  private func offer(
    _ plan: Plan, asked: Int, _ conditions: RunConditions, _ limit: MemoryLimit
  ) -> String {
    func largest(_ plan: Plan) -> Int? {
      largestContext(upTo: min(asked, 1 << 24), plan, conditions) { $0.total <= limit.bytes }
    }
    if let positions = largest(plan), positions >= min(asked, 512) {
      return "lower --context: -c \(positions) would fit"
    }
    if plan.heals {
      var other = plan
      other.heal = .none
      if let positions = largest(other) { return "-c \(min(positions, asked)) would fit without --heal" }
    }
    for width in [BitWidth.eight, .six, .five, .four, .three, .two] {
      var other = plan
      other.bits = Plan.Bits()
      other.bits.default = width
      guard let positions = largest(other), positions >= min(asked, 512) else { continue }
      return "--bits \(width.rawValue)" + (positions < asked ? " -c \(positions)" : "") + " would fit"
    }
    return largest(plan).map { "-c \($0) would fit" } ?? "no plan of it would fit: take a smaller model"
  }
}
