import IO
import Inference
import Sessions

extension AppState {
  /// Seconds after the last change of the plan before a live rerun starts.
  static let liveDelay = 0.4

  /// Makes `plan` the current one, if it fits the model.
  mutating func setPlan(_ plan: Plan) -> [Effect] {
    if let problem = misfit(plan) {
      say(.error, problem)
      return []
    }
    guard plan != self.plan else { return [] }
    plans.leave(self.plan)
    return planChanged(to: plan)
  }

  /// Takes the last change of the plan back.
  mutating func undoPlan() -> [Effect] {
    guard let plan = plans.undo(from: plan) else {
      say("nothing to undo")
      return []
    }
    say("plan: \(plan)")
    return planChanged(to: plan)
  }

  /// Does again what was undone last.
  mutating func redoPlan() -> [Effect] {
    guard let plan = plans.redo(from: plan) else {
      say("nothing to redo")
      return []
    }
    say("plan: \(plan)")
    return planChanged(to: plan)
  }

  /// Drops what runs and restores what does not; the whole block runs unless either part is dropped.
  mutating func dropOrRestore(_ part: Part, layer: Int) -> [Effect] {
    guard layer < layerCount else {
      say("no model is loaded")
      return []
    }
    var plan = plan
    let runs = part.sublayers.allSatisfy { plan.runs($0, layer: layer) }
    for sublayer in part.sublayers {
      if runs { plan[dropped: sublayer].insert(layer) } else { plan[dropped: sublayer].remove(layer) }
    }
    let effects = setPlan(plan)
    if runs { warnAboutEnds([layer]) }
    return effects
  }

  /// Drops the head under the heatmap's cursor, or restores it.
  mutating func dropOrRestoreHead() -> [Effect] {
    guard layer < layerCount else {
      say("no model is loaded")
      return []
    }
    guard heatmap.view.isOfHeads else {
      say("no head is under the cursor: /heat heads shows them")
      return []
    }
    guard plan.runs(.attention, layer: layer) else {
      say("the attention of layer \(layer) is dropped, and its heads with it: Space restores it")
      return []
    }
    var plan = plan
    let head = heatmap[cursor: .head] ?? 0, runs = plan.runs(head: head, layer: layer)
    plan.drop[heads: layer].formSymmetricDifference([head])
    let effects = setPlan(plan)
    if !effects.isEmpty { say("head \(layer):\(head) is \(runs ? "dropped" : "back")") }
    return effects
  }

  /// The attention to drop next, and why.
  var nextToDrop: (layer: Int, reason: String)? { findings.nextToDrop }

  /// Drops that attention.
  mutating func dropMostRedundant() -> [Effect] {
    guard let (layer, reason) = nextToDrop else {
      say(
        redundancy.attention.isEmpty
          ? "nothing is measured yet: send a message, or measure damage with d"
          : "no measured attention is left to drop")
      return []
    }
    var plan = plan
    plan.drop.attention.insert(layer)
    let effects = setPlan(plan)
    moveLayer(to: layer)
    say("dropped the attention of layer \(layer), \(reason)")
    warnAboutEnds([layer])
    return effects
  }

  /// Narrows (1) or widens (−1) the matrices of one layer to the next of the widths there are.
  mutating func changeBits(ofLayer layer: Int, steps: Int) -> [Effect] {
    guard layer < layerCount else {
      say("no model is loaded")
      return []
    }
    var plan = plan
    let widths = widths(ofLayer: layer)
    let current = plan.bits(of: .mlp, layer: layer)
    // A width that a command chose may be none of those that keys step through.
    let all = BitWidth.allCases, place = all.firstIndex(of: current) ?? 0
    let next =
      steps > 0
      ? widths.first { all.firstIndex(of: $0)! > place } : widths.last { all.firstIndex(of: $0)! < place }
    guard let width = next else {
      say(steps > 0 ? "1 bit is the narrowest" : "native is the widest: the file holds no more")
      return []
    }
    plan.bits.layers[layer] = nil
    // A layer that agrees with the rest needs no entry of its own.
    let agrees = Plan.Sublayer.allCases.allSatisfy { plan.bits(of: $0, layer: layer) == width }
    if !agrees { plan.bits.layers[layer] = width }
    let effects = setPlan(plan)
    if !effects.isEmpty { say("layer \(layer): \(width.rawValue) bits") }
    return effects
  }

  /// The file's own width of a layer, and those that hold fewer bits a weight, widest first: to encode weights
  /// in more bits than the file has gains nothing.
  private func widths(ofLayer layer: Int) -> [BitWidth] {
    let native = nativeBits.indices.contains(layer) && !plan.rotate ? nativeBits[layer] : nil
    guard let native else { return BitWidth.allCases }
    return BitWidth.allCases.filter { ($0.encodedBitsPerWeight ?? -1) < native - 0.05 }
  }

  /// Makes a plan that was read from a file the current one.
  mutating func usePlan(_ file: PlanFile, name: String) -> [Effect] {
    planModel = model?.name
    do {
      let warning = try model.flatMap { model throws(PlanError) in
        try file.check(model: model.name, layers: model.layers)
      }
      let effects = setPlan(file.plan)
      plans.name(plan, name)
      if let warning { say(.warning, warning) } else { say("plan \(name): \(file.plan)") }
      return effects
    } catch {
      say(.error, "plan \(name): \(error)")
      return []
    }
  }

  /// Whether every change of the plan reruns the last prompt from now on.
  mutating func setLive(_ isOn: Bool) -> [Effect] {
    isLive = isOn
    liveRerunDue = nil
    say(isOn ? "live: every change of the plan reruns the last prompt" : "live is off")
    return record(.setting(key: "live", value: isOn ? "on" : "off"))
  }

  private mutating func planChanged(to plan: Plan) -> [Effect] {
    planModel = model?.name
    if isLive, session.conversation.lastPrompt != nil { liveRerunDue = time + Self.liveDelay }
    return record(.plan(plan)) + (model == nil ? [] : [.engine(.use(plan))])
  }

  /// A plan that the engine refused, or was stopped on its way to, is undone, so that the screen never shows
  /// a plan that does not run; unless another was chosen since, or an answer that waits brings it along.
  mutating func returnToPlanInUse(from refused: Plan) -> [Effect] {
    guard let inUse = figures?.plan, refused == plan, inUse != plan, pending == nil else { return [] }
    liveRerunDue = nil
    plans.leave(plan)
    return record(.plan(inUse)) + [.engine(.use(inUse))]
  }

  private func misfit(_ plan: Plan) -> String? {
    guard let model else { return nil }
    do {
      try plan.validate(
        layers: model.layers, heads: model.heads.isEmpty ? nil : model.heads, model: model.name.sanitized)
      return nil
    } catch {
      return error.description
    }
  }

  /// Warns if the first or the last layer is among those that were dropped from.
  mutating func warnAboutEnds(_ layers: Set<Int>) {
    let ends = layers.intersection([0, layerCount - 1])
    guard let layer = ends.min() else { return }
    say(
      .warning,
      "layer \(layer) is the \(layer == 0 ? "first" : "last"): models rarely do without it; u undoes")
  }
}
