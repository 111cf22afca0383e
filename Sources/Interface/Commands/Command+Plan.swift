import Inference

extension Command {
  static let planCommands: [Command] = [
    Command(
      "drop", "[attn|mlp|block] LAYERS|heads LAYER:HEADS|next",
      "take sublayers or heads out: /drop attn 5 7-9, /drop heads 5:1,3, /drop next",
      candidates: { state, words in
        words.isEmpty ? partCandidates + [Candidate("next", "the most redundant attention")] : []
      }
    ) { state, arguments throws(CommandError) in
      if arguments.words == ["next"] { return state.dropMostRedundant() }
      if arguments.words.first == "heads" {
        var plan = state.plan
        let heads = try state.heads(arguments, of: "drop")
        for (layer, heads) in heads { plan.drop[heads: layer].formUnion(heads) }
        return try state.change(to: plan)
      }
      let (part, layers) = try state.part(arguments, of: "drop")
      var plan = state.plan
      for sublayer in part.sublayers { plan[dropped: sublayer].formUnion(layers) }
      return try state.change(to: plan, touching: layers)
    },
    Command(
      "restore", "[attn|mlp|block] LAYERS|heads LAYER:HEADS|all",
      "put sublayers or heads back: /restore 5, /restore heads 5:1, /restore all",
      candidates: { state, words in
        words.isEmpty
          ? partCandidates + [Candidate("all", "everything that is dropped")]
          : words.count == 1 ? [Candidate("all")] : []
      }
    ) { state, arguments throws(CommandError) in
      var plan = state.plan
      if arguments.words == ["all"] {
        plan.drop = Plan.Drop()
      } else if arguments.words.first == "heads" {
        let isAll = arguments.words.dropFirst() == ["all"]
        for (layer, heads) in isAll ? plan.drop.heads : try state.heads(arguments, of: "restore") {
          plan.drop[heads: layer].subtract(heads)
        }
      } else if arguments.words.count == 2, arguments.words[1] == "all",
        let part = parts[arguments.words[0]]
      {
        for sublayer in part.sublayers { plan[dropped: sublayer] = [] }
      } else {
        let (part, layers) = try state.part(arguments, of: "restore")
        for sublayer in part.sublayers { plan[dropped: sublayer].subtract(layers) }
      }
      return try state.change(to: plan)
    },
    Command(
      "bits", "[attn|mlp|head|act|LAYERS] WIDTH",
      "fewer bits of weights or activations: /bits 4, /bits attn 8, /bits 3-5 4, /bits act 8",
      candidates: { state, words in
        let widths = BitWidth.allCases.map {
          Candidate($0.rawValue, $0 == .native ? "as in the file" : "bits")
        }
        switch words.count {
        case 0:
          return widths + [
            Candidate("attn", "attention"), Candidate("mlp"), Candidate("head", "the output"),
            Candidate("act", "activations"),
          ]
        case 1 where words[0] == "act":
          return [
            Candidate("native", "as the model was trained"), Candidate("16"), Candidate("8"), Candidate("4"),
          ]
        case 1: return widths
        default: return []
        }
      }
    ) { state, arguments throws(CommandError) in
      if arguments.words.first == "act" {
        let widths: [String: Int?] = ["native": nil, "16": 16, "8": 8, "4": 4]
        guard arguments.words.count == 2, let bits = widths[arguments.words[1]] else {
          throw CommandError("activations have native, 16, 8 or 4 bits: /bits act 8")
        }
        var plan = state.plan
        plan.activationBits = bits
        return try state.change(to: plan)
      }
      guard let last = arguments.words.last, let width = BitWidth(rawValue: last) else {
        throw CommandError("give a width: one of \(BitWidth.spellings.joined(separator: ", "))")
      }
      var plan = state.plan
      switch arguments.words.dropLast().joined(separator: ",") {
      case "":
        plan.bits = Plan.Bits()
        plan.bits.default = width
      case "attn": plan.bits.attention = width
      case "mlp": plan.bits.mlp = width
      case "head": plan.bits.head = width
      case let list:
        for layer in try layerList(list, count: state.layerCount) { plan.bits.layers[layer] = width }
      }
      return try state.change(to: plan)
    },
    Command(
      "rotate", "on|off", "merge rotations into the weights before they are re-encoded",
      candidates: { _, words in
        words.isEmpty ? [Candidate("on", "spreads outliers"), Candidate("off", "as in the file")] : []
      }
    ) { state, arguments throws(CommandError) in
      guard let rotate = ["on": true, "off": false][arguments.text] else {
        throw CommandError("write /rotate on or /rotate off")
      }
      var plan = state.plan
      plan.rotate = rotate
      return try state.change(to: plan)
    },
    Command(
      "heal", "none|mean|linear", "let a fitted bias or linear map stand in for what is dropped",
      candidates: { _, words in
        words.isEmpty
          ? [
            Candidate("none", "dropped sublayers add nothing"), Candidate("mean", "their mean output"),
            Candidate("linear", "a linear map of their input"),
          ] : []
      }
    ) { state, arguments throws(CommandError) in
      guard let healing = Plan.Healing(rawValue: arguments.text) else {
        throw CommandError("write /heal none, mean or linear")
      }
      var plan = state.plan
      plan.heal = healing
      return try state.change(to: plan)
    },
    Command(
      "plan", "[save NAME [--force]|load NAME|list|reset]", "keep plans by name, or go back to the baseline",
      candidates: { state, words in
        switch words {
        case []:
          [
            Candidate("save", "the current plan"), Candidate("load", "a saved plan, or a file"),
            Candidate("list", "the saved plans"), Candidate("reset", "the model as shipped"),
          ]
        case ["load"], ["save"]: state.catalog.plans
        default: []
        }
      }
    ) { state, arguments throws(CommandError) in
      switch (arguments.words.first, arguments.words.dropFirst().first) {
      case (nil, nil):
        state.say("plan \(state.planLabel): \(state.plan)")
        return []
      case ("save", let name?):
        let replaces = arguments.words.dropFirst(2) == ["--force"]
        return [.savePlan(state.plan, name: name, model: state.model?.name, replaces: replaces)]
      case ("load", let name?): return [.loadPlan(name)]
      case ("list", nil):
        let names = state.catalog.plans.list
        state.say(
          names.isEmpty ? "no plans are saved: /plan save NAME" : "plans: " + names)
        return []
      case ("reset", nil): return try state.change(to: .baseline)
      default: throw CommandError("write /plan save NAME, load NAME, list or reset")
      }
    },
    Command("undo", "", "undo the last change of the plan") { state, _ throws(CommandError) in
      state.undoPlan()
    },
    Command("redo", "", "redo it") { state, _ throws(CommandError) in state.redoPlan() },
  ]

  /// Parts of a layer, as they are typed.
  fileprivate static let parts: [String: Part] = ["attn": .attention, "mlp": .mlp, "block": .block]

  private static let partCandidates = [
    Candidate("attn", "attention"), Candidate("mlp"), Candidate("block", "both"),
    Candidate("heads", "single heads, as layer:heads"),
  ]

  static func layerList(_ text: String, count: Int) throws(CommandError) -> Set<Int> {
    let layers: Set<Int>
    do { layers = try LayerList.parse(text) } catch { throw CommandError(error.description) }
    if count > 0, let stray = layers.filter({ !(0..<count).contains($0) }).min() {
      throw CommandError("there is no layer \(stray): layers are 0…\(count - 1)")
    }
    return layers
  }
}

extension AppState {
  /// Reads `attn 5 7-9`; without a part it is the attention.
  fileprivate func part(
    _ arguments: Command.Arguments, of command: String
  ) throws(CommandError) -> (part: Part, layers: Set<Int>) {
    var words = arguments.words[...]
    let named = words.first.flatMap { Command.parts[$0] }
    if named != nil { words.removeFirst() }
    let layers = try Command.layerList(words.joined(separator: ","), count: layerCount)
    guard !layers.isEmpty else {
      throw CommandError("which layers? write /\(command) attn 5 7-9, mlp 3 or block 12")
    }
    return (named ?? .attention, layers)
  }

  /// Reads `heads 5:1,3 7:0`.
  fileprivate func heads(
    _ arguments: Command.Arguments, of command: String
  ) throws(CommandError) -> [Int: Set<Int>] {
    let heads: [Int: Set<Int>]
    do { heads = try HeadList.parse(arguments.words.dropFirst().joined(separator: " ")) } catch {
      throw CommandError(error.description)
    }
    guard !heads.isEmpty else { throw CommandError("which heads? write /\(command) heads 5:1,3 7:0-2") }
    return heads
  }

  /// Makes `plan` the current one and says what it is now.
  fileprivate mutating func change(to plan: Plan, touching layers: Set<Int> = []) throws(CommandError)
    -> [Effect]
  {
    let effects = setPlan(plan)
    guard self.plan == plan else { return effects }
    say(effects.isEmpty ? "the plan is that already: \(plan)" : "plan: \(plan)")
    if !effects.isEmpty { warnAboutEnds(layers) }
    return effects
  }
}
