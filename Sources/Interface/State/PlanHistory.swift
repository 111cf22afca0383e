import Inference
import Sessions

/// The plans before and after the current one, for undo and redo, and the name of the one that was saved. The
/// session has the current plan itself.
struct PlanHistory: Sendable, Hashable {
  private var past: [Plan] = []
  private var future: [Plan] = []
  /// The plan that was last saved or loaded, with its name.
  private var saved: NamedPlan?

  private struct NamedPlan: Sendable, Hashable {
    var name: String
    var plan: Plan
  }

  /// Changes that can be undone.
  static let depth = 1000

  /// Notes that another plan takes the place of `current`; nothing can be redone then.
  mutating func leave(_ current: Plan) {
    past.append(current)
    if past.count > Self.depth { past.removeFirst() }
    future.removeAll()
  }

  /// The plan before `current`, which can be redone then; nil if there is none.
  mutating func undo(from current: Plan) -> Plan? {
    guard let plan = past.popLast() else { return nil }
    future.append(current)
    return plan
  }

  /// The plan that was last undone; nil if there is none.
  mutating func redo(from current: Plan) -> Plan? {
    guard let plan = future.popLast() else { return nil }
    past.append(current)
    return plan
  }

  /// Notes that `plan` has been written or read as `name`.
  mutating func name(_ plan: Plan, _ name: String) { saved = NamedPlan(name: name, plan: plan) }

  /// The name of a plan in the header: `baseline`, `lean`, `lean*` after a change, or `custom`.
  func label(of plan: Plan) -> String {
    if plan == .baseline { return "baseline" }
    guard let saved else { return "custom" }
    return saved.plan == plan ? saved.name : saved.name + "*"
  }

  /// A plan in an answer's label: what it does, after its name if it has one: `attn −4 · 2 bits`, `lean (attn
  /// −4)`.
  func summary(of plan: Plan) -> String {
    guard let saved, saved.plan == plan, plan != .baseline else { return plan.summary }
    return "\(saved.name) (\(plan.summary))"
  }

  /// The plans that an answer came from: `attn −4`, or `baseline → attn −4` where the plan changed meanwhile.
  func label(of answer: Answer) -> String {
    ([answer.plan] + answer.planChanges.map(\.plan)).map { summary(of: $0) }.joined(separator: " → ")
  }
}
