import Inference

/// The measurements of a search: the KL of each plan, once, passage by passage, and comparisons of plans.
final class SearchBench {
  let model: Model
  let target: SearchTarget
  let dimensions: Set<SearchDimension>
  private let trials: Trials
  private let pace: Pace
  /// KL over each of the first passages, as far as it is measured.
  private var measured: [Plan: [Double]] = [:]
  private let baselineBytes: Int
  /// Called with the share of the way that is done.
  var progress: (Double) -> Void = { _ in }

  init(
    _ trials: Trials, _ model: Model, target: SearchTarget, over dimensions: Set<SearchDimension>,
    _ pace: Pace
  ) {
    self.trials = trials
    self.model = model
    self.target = target
    self.dimensions = dimensions
    self.pace = pace
    baselineBytes = model.nativeBytesPerToken
  }

  /// The KL of a plan over all passages.
  func kl(_ plan: Plan) throws -> Double { try kl(plan, passages: trials.passages.count) }

  /// The KL of a plan over the first passages; infinite where its predictions are no numbers.
  private func kl(_ plan: Plan, passages count: Int) throws -> Double {
    var values = measured[plan] ?? []
    while values.count < count {
      values.append(try pace.piece { try trials.kl(of: plan, passage: values.count, isStopped: $0) })
    }
    measured[plan] = values
    let lengths = trials.passages.prefix(count).map { Double($0.count) }
    let mean = zip(values, lengths).reduce(0) { $0 + $1.0 * $1.1 } / lengths.reduce(0, +)
    return mean.isNaN ? .infinity : mean
  }

  /// A plan to race, and its parent, from which it is one move away.
  struct Runner {
    var plan: Plan
    var parent: Plan
  }

  /// A race (successive elimination): the `count` runners of the least `value`, and a few that came close, in
  /// order. Runners far behind on the first passages are not measured on the others.
  ///
  /// - Parameter value: The value to minimise, from a runner, its KL, and the KL of its parent over the same
  ///   passages.
  /// - Returns: All runners with their last value; first those that were measured on all passages.
  func race(
    _ runners: [Runner], keeping count: Int,
    value: (_ runner: Runner, _ kl: Double, _ parent: Double) -> Double
  ) throws -> [(runner: Runner, value: Double, isWhole: Bool)] {
    var running = runners.map { (runner: $0, value: 0.0, isWhole: true) }
    var fallen: [(runner: Runner, value: Double, isWhole: Bool)] = []
    for passage in 1...trials.passages.count {
      for index in running.indices {
        let runner = running[index].runner
        running[index].value = try value(
          runner, kl(runner.plan, passages: passage), kl(runner.parent, passages: passage))
      }
      running.sort { $0.value < $1.value }
      guard running.count > count, passage < trials.passages.count else { continue }
      // The bound narrows with the number of passages.
      let last = running[count - 1].value
      let bound = last + 0.6 / Double(passage) * abs(last)
      let fast = max(count, running.count { $0.value <= bound })
      fallen += running[fast...].map { (runner: $0.runner, value: $0.value, isWhole: false) }
      running.removeLast(running.count - fast)
    }
    return running + fallen
  }

  /// Makes `plan` the center of the trials, so that plans near it are measured faster.
  func move(to plan: Plan) throws { try pace.piece { try trials.move(to: plan, isStopped: $0) } }

  func moves(from plan: Plan) -> [PlanMove] { PlanMove.all(from: plan, model, over: dimensions) }

  func similarity(of move: PlanMove) -> Float? {
    guard case .drop(let sublayer, let layer) = move else { return nil }
    return trials.similarity(of: Droppable(Part(sublayer), layer))
  }

  func bytes(_ plan: Plan) -> Int { model.size(of: plan).weightBytes }

  /// The cost of a step: the KL it adds; where bytes are the target, divided by the bytes it saves.
  func cost(of step: Runner, adding kl: Double) -> Double {
    guard !kl.isNaN else { return .infinity }  // from infinite to infinite
    if case .drops = target { return kl }
    return kl / Double(max(1, bytes(step.parent) - bytes(step.plan)))
  }

  /// Whether a plan has reached the target; for a KL a little beyond it, since the KL on the held-out text
  /// differs.
  func isFar(_ plan: Plan) throws -> Bool {
    switch target {
    case .kl(let most): try kl(plan) > 1.5 * most
    default: meets(plan, kl: 0)
    }
  }

  /// The share of the way to the target that a plan has come, 0…1.
  func share(_ plan: Plan) throws -> Double {
    switch target {
    case .kl(let most): min(1, try kl(plan) / (1.5 * most))
    case .drops(let count): min(1, Double(plan.drop.attention.count + plan.drop.mlp.count) / Double(count))
    case .bytes(let share): min(1, (1 - Double(bytes(plan)) / Double(baselineBytes)) / (1 - share))
    }
  }

  /// Whether a plan has reached the target; one whose KL is not finite never has.
  func meets(_ plan: Plan, kl: Double) -> Bool {
    guard kl.isFinite else { return false }
    return switch target {
    case .kl(let most): kl <= most
    case .drops(let count): plan.drop.attention.count + plan.drop.mlp.count >= count
    case .bytes(let share): Double(bytes(plan)) <= share * Double(baselineBytes)
    }
  }
}
