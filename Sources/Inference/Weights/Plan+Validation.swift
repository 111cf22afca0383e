extension Plan {
  /// Checks that the plan fits a model, and asks only for what the engine offers.
  public func validate(for model: Model) throws(PlanError) {
    try validate(layers: model.shape.layers, model: model.name)
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
