import Foundation
import Inference
import Sessions

/// A session goes on with its own model, and a plan is used for the model that it was chosen for: anything else
/// is said or asked.
extension AppState {
  /// The session that was opened goes on with its own model, where that is on this machine.
  mutating func ownModel(_ own: ModelReference, isAt path: String?) -> [Effect] {
    guard let model, session.model == own else { return [] }
    if let path, path != model.path {
      isLoading = true
      return [.loadModel(path)]
    }
    if path != nil || own.isCalled(model.name) { return adoptModel() }
    return askForModel(own)
  }

  /// Asks whether the session shall go on with the model that is loaded; without a screen it does, and says so.
  mutating func askForModel(_ own: ModelReference) -> [Effect] {
    guard !isInLines else {
      say(.warning, "the session was with \(own.name), which cannot be opened here; /model opens another")
      return adoptModel()
    }
    overlay = .otherModel(own)
    return []
  }

  /// The session goes on with the model that is loaded.
  mutating func adoptModel() -> [Effect] {
    guard let model else { return [] }
    overlay = overlay?.isModelQuestion == true ? nil : overlay
    let reference = ModelReference(name: model.name, path: model.path)
    var effects = takeRememberedThinking(of: model)
    effects += session.model == reference ? [] : record(.model(reference))
    effects += retireForeignPlan(for: model)
    return effects + [.engine(.use(plan)), recalling]
  }

  /// Takes the baseline where the plan was chosen for another model; it can be taken back.
  mutating func retireForeignPlan(for model: ModelSummary) -> [Effect] {
    let owner = planModel
    planModel = model.name
    do {
      try plan.validate(
        layers: model.layers, heads: model.heads.isEmpty ? nil : model.heads, model: model.name)
    } catch {
      say(.warning, "the plan does not fit, so the baseline is used: \(error)")
      plans = PlanHistory()
      return record(.plan(.baseline))
    }
    guard plan != .baseline, let owner, !ModelReference(name: owner).isCalled(model.name) else { return [] }
    say(.warning, "the plan \(plan) was chosen for \(owner): the baseline is used, and /undo takes the plan")
    plans = PlanHistory()
    plans.leave(plan)
    return record(.plan(.baseline))
  }
}

extension ModelReference {
  /// Whether it names the model of this name; case does not matter.
  func isCalled(_ name: String) -> Bool { self.name.caseInsensitiveCompare(name) == .orderedSame }
}

extension AppState.Overlay {
  /// Whether it asks which model a session goes on with.
  var isModelQuestion: Bool { if case .otherModel = self { true } else { false } }
}
