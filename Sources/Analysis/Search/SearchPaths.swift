import Inference

/// Ways from a plan to ever cheaper ones, until the target is reached or nothing is left to do. Each calls `step`
/// with the plans it proposes, in order.
extension SearchBench {
  typealias Step = (Plan) throws -> Void

  /// The paper's: by the similarity of the intact sublayers, the highest first.
  func dropBySimilarity(from start: Plan, _ step: Step) throws {
    let order = moves(from: start).compactMap { move in similarity(of: move).map { (move, $0) } }
    try take(order.sorted { $0.1 > $1.1 }.map(\.0), from: start, step)
  }

  /// By the damage that each move does alone.
  func takeByDamage(from start: Plan, _ step: Step) throws {
    let kl = try kl(start)
    let moves = moves(from: start)
    let order = try moves.enumerated().map { index, move in
      progress(Double(index) / Double(moves.count))
      let step = Runner(plan: move.applied(to: start), parent: start)
      return (move, cost(of: step, adding: try self.kl(step.plan) - kl))
    }
    try take(order.sorted { $0.1 < $1.1 }.map(\.0), from: start, step)
  }

  private func take(_ order: [PlanMove], from start: Plan, _ step: Step) throws {
    var plan = start
    for move in order {
      if try isFar(plan) { return }
      plan = move.applied(to: plan)
      try step(plan)
    }
  }

  /// The move that costs least, over and over, with costs measured anew after each. Of very many moves those that
  /// were cheapest last are enough.
  func greedy(from start: Plan, _ step: Step) throws {
    var plan = start, costs: [PlanMove: Double] = [:]
    while try !isFar(plan) {
      var moves = moves(from: plan).sorted { costs[$0] ?? -.infinity < costs[$1] ?? -.infinity }
      if !costs.isEmpty { moves = Array(moves.prefix(Self.greedyBreadth)) }
      guard !moves.isEmpty else { return }
      try move(to: plan)
      let steps = Dictionary(uniqueKeysWithValues: moves.map { ($0.applied(to: plan), $0) })
      let order = try race(moves.map { Runner(plan: $0.applied(to: plan), parent: plan) }, keeping: 1) {
        cost(of: $0, adding: $1 - $2)
      }
      for (runner, cost, _) in order { costs[steps[runner.plan]!] = cost }
      plan = order[0].runner.plan
      try step(plan)
    }
  }

  private static let greedyBreadth = 32
}
