import Inference

extension Plan {
  /// The baseline with some changes.
  package static func with(_ change: (inout Plan) -> Void) -> Plan {
    var plan = Plan()
    change(&plan)
    return plan
  }
}
