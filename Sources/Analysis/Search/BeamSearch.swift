import Inference

/// Several plans side by side, all of the same number of moves. At each step the most promising moves of each are
/// measured; every few steps a move of the best plan that was made earlier is exchanged for another, where that helps,
/// and of the last plan as many as help.
struct BeamSearch {
  let bench: SearchBench
  /// Plans kept at each step.
  var width = 4
  /// Moves measured for each of them.
  var breadth = 8
  /// Steps between exchanges.
  var exchangeInterval = 3

  private struct State {
    var moves: [PlanMove]
    var plan: Plan
    /// What each move cost when it was last measured on the way here.
    var costs: [PlanMove: Double]
  }

  /// - Parameter step: Takes the plans of each step, the best first.
  func run(from start: Plan, _ step: ([Plan]) throws -> Void) throws {
    var states = [State(moves: [], plan: start, costs: [:])]
    while let best = states.first, try !bench.isFar(best.plan) {
      states = try successors(states, keeping: width)
      guard let best = states.first else { return }
      let isLast = try bench.isFar(best.plan)
      if isLast || best.moves.count % exchangeInterval == 0,
        best.moves.count > 1, let better = try exchanged(best, from: start, isThorough: isLast)
      {
        states = [better] + states.filter { $0.plan != better.plan }.prefix(width - 1)
      }
      try step(states.map(\.plan))
    }
  }

  /// The less, the better among plans of as many moves.
  private func value(_ plan: Plan, _ kl: Double) -> Double {
    if case .drops = bench.target { return kl }
    return kl / Double(max(1, bench.model.nativeBytesPerToken - bench.bytes(plan)))
  }

  /// The best plans that one more move leads to.
  ///
  /// - Parameter excluded: Moves that are not tried.
  private func successors(
    _ states: [State], keeping count: Int, except excluded: Set<PlanMove> = []
  ) throws -> [State] {
    var origins: [Plan: (state: Int, move: PlanMove)] = [:]
    var runners: [SearchBench.Runner] = []
    for (index, state) in states.enumerated() {
      var moves = bench.moves(from: state.plan).filter { !excluded.contains($0) }
        .sorted { state.costs[$0] ?? -.infinity < state.costs[$1] ?? -.infinity }
      if !state.costs.isEmpty { moves = Array(moves.prefix(breadth)) }
      for move in moves {
        let plan = move.applied(to: state.plan)
        guard origins[plan] == nil else { continue }  // another way to the same plan
        origins[plan] = (index, move)
        runners.append(.init(plan: plan, parent: state.plan))
      }
    }
    if let first = states.first { try bench.move(to: first.plan) }
    var costs = states.map(\.costs)
    let order = try bench.race(runners, keeping: count) { runner, kl, parent in
      let origin = origins[runner.plan]!
      costs[origin.state][origin.move] = bench.cost(of: runner, adding: kl - parent)
      return value(runner.plan, kl)
    }
    return order.filter(\.isWhole).prefix(count).map { result in
      let origin = origins[result.runner.plan]!
      return State(
        moves: states[origin.state].moves + [origin.move], plan: result.runner.plan,
        costs: costs[origin.state])
    }
  }

  /// The plan with moves exchanged for others; nil where that does not help.
  ///
  /// - Parameter isThorough: Whether to go on as long as it helps, rather than once.
  private func exchanged(_ state: State, from start: Plan, isThorough: Bool) throws -> State? {
    var best = state
    repeat {
      let kl = value(best.plan, try bench.kl(best.plan))
      // Without each of its moves in turn: those whose absence helps most are replaced.
      let shorter = best.moves.indices.map { index in
        var moves = best.moves
        moves.remove(at: index)
        return State(moves: moves, plan: moves.reduce(start) { $1.applied(to: $0) }, costs: best.costs)
      }
      let order = try bench.race(
        shorter.map { .init(plan: $0.plan, parent: best.plan) }, keeping: 2
      ) { runner, kl, _ in value(runner.plan, kl) }
      let chosen = order.prefix(2).compactMap { result in shorter.first { $0.plan == result.runner.plan } }
      guard let other = try successors(chosen, keeping: 1, except: Set(best.moves)).first,
        value(other.plan, try bench.kl(other.plan)) < kl
      else { break }
      best = other
    } while isThorough
    return best.plan == state.plan ? nil : best
  }
}
