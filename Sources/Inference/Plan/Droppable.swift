/// A part of one layer, or one head of its attention, which a plan can drop.
public struct Droppable: Sendable, Hashable, Codable {
  public var part: Part
  public var layer: Int
  /// nil for all of the part.
  public var head: Int?

  public init(_ part: Part, _ layer: Int) {
    self.part = part
    self.layer = layer
  }

  /// One head of a layer's attention.
  public init(head: Int, ofLayer layer: Int) {
    part = .attention
    self.layer = layer
    self.head = head
  }

  /// Whether all of it runs.
  public func runs(under plan: Plan) -> Bool {
    if let head { return plan.runs(head: head, layer: layer) }
    return part.sublayers.allSatisfy { plan.runs($0, layer: layer) }
  }

  /// `plan` with this part dropped too.
  public func dropped(from plan: Plan) -> Plan {
    var plan = plan
    if let head {
      plan.drop[heads: layer].insert(head)
      return plan
    }
    for sublayer in part.sublayers { plan[dropped: sublayer].insert(layer) }
    return plan
  }
}
