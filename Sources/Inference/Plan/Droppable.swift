/// A part of one layer, which a plan can drop.
public struct Droppable: Sendable, Hashable, Codable {
  public var part: Part
  public var layer: Int

  public init(_ part: Part, _ layer: Int) {
    self.part = part
    self.layer = layer
  }

  /// Whether all of it runs.
  public func runs(under plan: Plan) -> Bool {
    part.sublayers.allSatisfy { plan.runs($0, layer: layer) }
  }

  /// `plan` with this part dropped too.
  public func dropped(from plan: Plan) -> Plan {
    var plan = plan
    for sublayer in part.sublayers { plan[dropped: sublayer].insert(layer) }
    return plan
  }
}
