import ArgumentParser
import Foundation
import IO
import Inference
import Sessions

/// A source of plans.
protocol PlanSource {
  /// The plan that is asked for, checked against the model.
  func plan(for model: Model) throws -> Plan
}

/// A plan file, the name of a saved plan, or `baseline`.
struct NamedPlan: PlanSource {
  let name: String

  func plan(for model: Model) throws -> Plan { try file()?.plan(for: model) ?? .baseline }

  /// nil for the baseline.
  func file() throws -> PlanFile? { name == "baseline" ? nil : try PlanFile(named: name) }
}

/// The plan: a file, and changes to it.
struct PlanOptions: ParsableArguments, PlanSource {
  @Option(name: .customLong("plan"), help: "A plan file, the name of a saved plan, or baseline.")
  var plans: [String] = []

  /// The last that is named; ``Compare`` takes them all.
  var plan: String? { plans.last }

  @Option(help: "Attention sublayers to drop, such as 3,5-8.")
  var dropAttn: [String] = []

  @Option(help: "MLP sublayers to drop.")
  var dropMlp: [String] = []

  @Option(help: "Whole blocks to drop.")
  var dropBlock: [String] = []

  @Option(
    help: ArgumentHelp("Heads to drop, as layer:heads, such as 5:1,3 or '5:1,3 7:0-2'.", valueName: "l:h"))
  var dropHeads: [String] = []

  @Option(
    help: ArgumentHelp("Bits of the weights: \(BitWidth.spellings.joined(separator: ", ")).", valueName: "b"))
  var bits: BitWidth?

  @Option(help: ArgumentHelp("Bits of the attention matrices.", valueName: "b"))
  var bitsAttn: BitWidth?

  @Option(help: ArgumentHelp("Bits of the MLP matrices.", valueName: "b"))
  var bitsMlp: BitWidth?

  @Option(help: ArgumentHelp("Bits of the output head.", valueName: "b"))
  var bitsHead: BitWidth?

  @Flag(help: "Rotate the weights before re-encoding them.")
  var rotate = false

  @Option(help: "Healing of dropped sublayers: none, mean or linear.")
  var heal: Plan.Healing?

  @Option(help: "Bits of the KV cache: 16, 8 or 4.")
  var kvBits: Int?

  @Option(
    help: "Bits of the activations that the layers multiply: 16, 8 or 4 (default: as the model was trained).")
  var actBits: Int?

  /// The file that ``plan`` leads to.
  var path: String? { plan.flatMap { try? PlanFile.find($0, in: Directories().plans).path } }

  /// The files of all that are named.
  var paths: [String?] { plans.map { try? PlanFile.find($0, in: Directories().plans).path } }

  func plan(for model: Model) throws -> Plan { try file()?.plan(for: model) ?? .baseline }

  /// The plan the options ask for, and for which model it was made; nil if they ask for none.
  func file() throws -> PlanFile? {
    var file = PlanFile(plan: .baseline)
    if let name = plan { file = try NamedPlan(name: name).file() ?? file }
    let saved = file.plan
    for list in dropAttn { file.plan.drop.attention.formUnion(try LayerList.parse(list)) }
    for list in dropMlp { file.plan.drop.mlp.formUnion(try LayerList.parse(list)) }
    for list in dropBlock {
      let layers = try LayerList.parse(list)
      file.plan.drop.attention.formUnion(layers)
      file.plan.drop.mlp.formUnion(layers)
    }
    for list in dropHeads {
      for (layer, heads) in try HeadList.parse(list) { file.plan.drop[heads: layer].formUnion(heads) }
    }
    if let bits { file.plan.bits.default = bits }
    if let bitsAttn { file.plan.bits.attention = bitsAttn }
    if let bitsMlp { file.plan.bits.mlp = bitsMlp }
    if let bitsHead { file.plan.bits.head = bitsHead }
    if rotate { file.plan.rotate = true }
    if let heal { file.plan.heal = heal }
    if let kvBits { file.plan.kvBits = kvBits }
    if let actBits { file.plan.activationBits = actBits }
    return plan == nil && file.plan == saved ? nil : file
  }
}

extension PlanFile {
  fileprivate init(named name: String) throws {
    do {
      self = try PlanFile.load(from: PlanFile.find(name, in: Directories().plans))
    } catch {
      throw InputError(description: "\(error)")
    }
  }

  /// The plan, checked against the model.
  fileprivate func plan(for model: Model) throws -> Plan {
    if let warning = try check(model: model.name, layers: model.shape.layers) { note(warning) }
    try plan.validate(for: model)
    return plan
  }
}

extension BitWidth: ExpressibleByArgument {}
extension Plan.Healing: ExpressibleByArgument {}
