import Inference

/// One change that makes a plan cheaper.
enum PlanMove: Sendable, Hashable {
  case drop(Plan.Sublayer, layer: Int)
  /// Holds a layer, or the output head (nil), at fewer bits.
  case narrow(layer: Int?, to: BitWidth)

  func applied(to plan: Plan) -> Plan {
    var plan = plan
    switch self {
    case .drop(let sublayer, let layer): plan[dropped: sublayer].insert(layer)
    case .narrow(let layer?, let width): plan.bits.layers[layer] = width
    case .narrow(nil, let width): plan.bits.head = width
    }
    return plan
  }

  /// Widths that a search goes down by; those below are for models that were trained so.
  private static let widths: [BitWidth] = [.six, .five, .four, .three, .two]

  /// All moves from `plan`.
  static func all(from plan: Plan, _ model: Model, over dimensions: Set<SearchDimension>) -> [PlanMove] {
    let layers = 0..<model.shape.layers
    func drops(_ sublayer: Plan.Sublayer) -> [PlanMove] {
      layers.filter { plan.runs(sublayer, layer: $0) }.map { .drop(sublayer, layer: $0) }
    }
    var moves: [PlanMove] = []
    if dimensions.contains(.attention) { moves += drops(.attention) }
    if dimensions.contains(.mlp) { moves += drops(.mlp) }
    if dimensions.contains(.bits) {
      let bytes = model.size(of: plan).weightBytes
      for place in layers.map(Optional.some) + [nil] {
        // The widest of those that are narrower than what is there.
        let narrower = widths.map { PlanMove.narrow(layer: place, to: $0) }
          .first { model.size(of: $0.applied(to: plan)).weightBytes < bytes }
        if let narrower { moves.append(narrower) }
      }
    }
    return moves
  }
}
