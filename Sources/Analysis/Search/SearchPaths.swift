import Inference

/// The methods of search: paths from a plan to ever cheaper ones, until the target is reached or no move is
/// left. Each calls `step` with the plans it proposes, in order.
extension SearchBench {
  typealias Step = (Plan) throws -> Void

  /// The paper's method: drops by the similarity of the intact sublayers, the highest first.
  func dropBySimilarity(from start: Plan, _ step: Step) throws {
    let order = moves(from: start).compactMap { move in similarity(of: move).map { (move, $0) } }
    try apply(order.sorted { $0.1 > $1.1 }.map(\.0), from: start, step)
  }

  /// Applies moves in the order of the damage that each does alone.
  func applyByDamage(from start: Plan, _ step: Step) throws {
    let kl = try kl(start)
    let moves = moves(from: start)
    let order = try moves.enumerated().map { index, move in
      progress(Double(index) / Double(moves.count))
      let step = Runner(plan: move.applied(to: start), parent: start)
      return (move, cost(of: step, adding: try self.kl(step.plan) - kl))
    }
    try apply(order.sorted { $0.1 < $1.1 }.map(\.0), from: start, step)
  }

  private func apply(_ order: [PlanMove], from start: Plan, _ step: Step) throws {
    var plan = start
    for move in order {
      if try isFar(plan) { return }
      plan = move.applied(to: plan)
      try step(plan)
    }
  }

  /// Greedy search: applies the move that costs least, again and again.
  func greedy(from start: Plan, _ step: Step) throws {
    var path = SearchPath(plan: start)
    while try !isFar(path.plan), let next = try next(path) {
      path = next
      try step(path.plan)
    }
  }

  /// Greedy search with exchanges of moves while they help: once every few steps, and at the end as often as
  /// one helps. (Floating search: Pudil et al., "Floating search methods in feature selection", 1994.)
  func exchanging(from start: Plan, _ step: Step) throws {
    var path = SearchPath(plan: start)
    while try !isFar(path.plan), let next = try next(path) {
      path = next
      let isLast = try isFar(path.plan)
      if isLast || path.moves.count % Self.exchangeInterval == 0 {
        while let better = try exchanged(path, from: start) {
          path = better
          if !isLast { break }
        }
      }
      try step(path.plan)
    }
  }

  /// Steps between exchanges.
  private static let exchangeInterval = 3
  /// Moves whose costs are measured anew at each step, and at each exchange.
  private static let breadth = 8, exchangeBreadth = 16

  /// The path with the cheapest next move. Costs mostly grow along a path, so only the moves that were
  /// cheapest when last measured are measured again (lazy greedy: Minoux, "Accelerated greedy algorithms",
  /// 1978).
  private func next(
    _ path: SearchPath, among breadth: Int = breadth, except excluded: PlanMove? = nil
  ) throws -> SearchPath? {
    var moves = moves(from: path.plan).filter { $0 != excluded }
      .sorted { path.costs[$0] ?? -.infinity < path.costs[$1] ?? -.infinity }
    if !path.costs.isEmpty { moves = Array(moves.prefix(breadth)) }
    guard !moves.isEmpty else { return nil }
    try move(to: path.plan)
    let steps = Dictionary(uniqueKeysWithValues: moves.map { ($0.applied(to: path.plan), $0) })
    let order = try race(moves.map { Runner(plan: $0.applied(to: path.plan), parent: path.plan) }, keeping: 1)
    {
      cost(of: $0, adding: $1 - $2)
    }
    guard order[0].value < .infinity else { return nil }
    var next = path
    for (runner, cost, _) in order {
      if let move = steps[runner.plan] { next.costs[move] = cost }
    }
    next.plan = order[0].runner.plan
    if let move = steps[next.plan] { next.moves.append(move) }
    return next
  }

  /// The plan with one move exchanged for another; nil where that does not help.
  private func exchanged(_ path: SearchPath, from start: Plan) throws -> SearchPath? {
    guard path.moves.count > 1 else { return nil }
    let value = value(path.plan, try kl(path.plan))
    // The moves to replace are those without which the plan does best.
    let shorter = path.moves.indices.map { index in
      var shorter = path
      shorter.moves.remove(at: index)
      shorter.plan = shorter.moves.reduce(start) { $1.applied(to: $0) }
      return shorter
    }
    try move(to: path.plan)
    let order = try race(shorter.map { .init(plan: $0.plan, parent: path.plan) }, keeping: 2) {
      runner, kl, _ in
      self.value(runner.plan, kl)
    }
    for (runner, _, _) in order.prefix(2) {
      guard let index = shorter.firstIndex(where: { $0.plan == runner.plan }),
        let other = try next(shorter[index], among: Self.exchangeBreadth, except: path.moves[index])
      else { continue }
      if self.value(other.plan, try kl(other.plan)) < value { return other }
    }
    return nil
  }

  /// The measure of plans of equally many moves; lower is better.
  private func value(_ plan: Plan, _ kl: Double) -> Double {
    if case .drops = target { return kl }
    return kl / Double(max(1, model.nativeBytesPerToken - bytes(plan)))
  }
}

/// A plan, and the moves that led to it.
private struct SearchPath {
  var plan: Plan
  var moves: [PlanMove] = []
  /// The cost of each move when it was last measured on this path.
  var costs: [PlanMove: Double] = [:]
}
