import Inference
import Sessions

/// The plan that is being edited, with undo and redo.
public struct PlanHistory: Sendable, Hashable {
  public private(set) var current: Plan
  private var past: [Plan] = []
  private var future: [Plan] = []
  /// The name the plan was last saved or loaded under, and what it was then.
  public private(set) var saved: NamedPlan?

  public struct NamedPlan: Sendable, Hashable {
    public var name: String
    public var plan: Plan
  }

  /// Changes that can be undone.
  static let depth = 1000

  public init(_ plan: Plan = .baseline) { current = plan }

  public var canUndo: Bool { !past.isEmpty }
  public var canRedo: Bool { !future.isEmpty }

  /// Returns whether the plan is another one now.
  mutating func change(to plan: Plan) -> Bool {
    guard plan != current else { return false }
    past.append(current)
    if past.count > Self.depth { past.removeFirst() }
    future.removeAll()
    current = plan
    return true
  }

  mutating func undo() -> Bool {
    guard let plan = past.popLast() else { return false }
    future.append(current)
    current = plan
    return true
  }

  mutating func redo() -> Bool {
    guard let plan = future.popLast() else { return false }
    past.append(current)
    current = plan
    return true
  }

  /// The current plan has been written or read as `name`.
  mutating func named(_ name: String) { saved = NamedPlan(name: name, plan: current) }

  /// What the header calls the plan: `baseline`, `lean`, `lean*` after a change, or `custom`.
  public var label: String { label(of: current) }

  /// What an answer came from: `lean`, or `baseline → lean` where the plan changed meanwhile.
  func label(of answer: Answer) -> String {
    ([answer.plan] + answer.planChanges.map(\.plan)).map { label(of: $0) }.joined(separator: " → ")
  }

  func label(of plan: Plan) -> String {
    if plan == .baseline { return "baseline" }
    guard let saved else { return "custom" }
    return saved.plan == plan ? saved.name : saved.name + "*"
  }
}
