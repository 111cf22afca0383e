extension Plan {
  /// Checks that the plan fits a model, and asks only for what the engine offers.
  public func validate(for model: Model) throws(PlanError) {
    try validate(layers: model.shape.layers, heads: model.headCounts, model: model.name)
    if rotate, let obstacle = model.architecture.obstacleToRotation {
      throw PlanError(
        "rotate: a model of architecture \(model.architecture.name) cannot be rotated, since \(obstacle);"
          + " leave it out")
    }
    if heals, model.hasParallelSublayers {
      throw PlanError("heal: attention and MLP of \(model.name) read the same input; use none")
    }
  }
}

extension Model {
  /// Query heads of each layer; 0 where it has no attention, or a matrix in place of it.
  public var headCounts: [Int] { shape.layerShapes.map { $0.kvHeads > 0 ? $0.queryHeads : 0 } }
}
