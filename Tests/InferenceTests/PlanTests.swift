import Foundation
import Inference
import TestModels
import Testing

@Suite struct PlanTests {
  static func plan(_ json: String) throws -> Plan {
    try JSONDecoder().decode(Plan.self, from: Data(json.utf8))
  }

  static func json(_ plan: Plan) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(plan), as: UTF8.self)
  }

  @Test func absentPartsAreTheBaselines() throws {
    #expect(try Self.plan("{}") == .baseline)
    #expect(try Self.plan(#"{"drop": {}, "bits": {}}"#) == .baseline)
    var plan = Plan()
    plan.drop.attention = [5, 7]
    #expect(try Self.plan(#"{"drop": {"attention": [7, 5, 5]}}"#) == plan)
  }

  @Test func writesWhatTheFormatSays() throws {
    var plan = Plan()
    plan.drop.attention = [7, 5]
    plan.bits.attention = .four
    plan.bits.mlp = .ternary
    plan.bits.layers = [3: .three, 12: .one]
    #expect(
      try Self.json(plan) == """
        {"bits":{"attention":4,"default":"native","layers":{"12":1,"3":3},"mlp":"ternary"},\
        "drop":{"attention":[5,7],"mlp":[]},"heal":"none","kv_bits":16,"rotate":false}
        """)
  }

  @Test func roundTrips() throws {
    var random = SeededGenerator(seed: 1)
    var plan = Plan()
    for _ in 0..<300 {
      plan = TinyModelTests.change(plan, layers: 40, heads: Array(repeating: 9, count: 40), using: &random)
      plan.rotate = Bool.random(using: &random)
      plan.heal = Plan.Healing.allCases.randomElement(using: &random)!
      plan.kvBits = [16, 8, 4].randomElement(using: &random)!
      #expect(try Self.plan(Self.json(plan)) == plan)
    }
  }

  @Test(arguments: [
    (#"{"dorp": {}}"#, "dorp"),
    (#"{"drop": {"atention": [1]}}"#, "drop.atention"),
    (#"{"bits": {"defualt": 4}}"#, "bits.defualt"),
    (#"{"bits": {"layers": {"three": 4}}}"#, "three"),
    (#"{"bits": {"default": 7}}"#, "7"),
    (#"{"bits": {"default": "tiny"}}"#, "tiny"),
    (#"{"bits": {"layers": {"3": 0}}}"#, "0"),
    (#"{"heal": "magic"}"#, "magic"),
    (#"{"drop": {"attention": "5"}}"#, ""),
    (#"{"drop": {"attention": [1.5]}}"#, ""),
    (#"{"kv_bits": "many"}"#, ""),
    (#"{"drop": {"heads": {"three": [1]}}}"#, "drop.heads: “three” is not a layer number"),
    (#"{"drop": {"heads": {"3": 1}}}"#, ""),
    (#"{"drop": {"heads": [1]}}"#, ""),
    ("[]", ""),
  ])
  func refuses(json: String, says: String) {
    let error = #expect(throws: (any Error).self) { try Self.plan(json) }
    #expect(says.isEmpty || "\(error.map { "\($0)" } ?? "")".contains(says))
  }

  @Test func validation() throws {
    var plan = Plan()
    plan.drop.mlp = [29]
    try plan.validate(layers: 30, model: "m")
    plan.drop.mlp = [30, 31]
    #expect(throws: PlanError("drop.mlp: layer 30 is not in m, whose layers are 0…29")) {
      try plan.validate(layers: 30, model: "m")
    }
    plan = Plan()
    plan.drop.attention = [-1]
    #expect(throws: PlanError.self) { try plan.validate(layers: 30, model: "m") }
    plan = Plan()
    plan.bits.layers = [99: .four]
    #expect(throws: PlanError.self) { try plan.validate(layers: 30, model: "m") }
    plan = Plan()
    plan.kvBits = 5
    #expect(throws: PlanError.self) { try plan.validate(layers: 30, model: "m") }
  }

  @Test func theMostSpecificWidthWins() {
    var plan = Plan()
    plan.bits.default = .eight
    plan.bits.attention = .four
    plan.bits.layers = [2: .two]
    #expect(plan.bits(of: .attention, layer: 0) == .four)
    #expect(plan.bits(of: .mlp, layer: 0) == .eight)
    #expect(plan.bits(of: .attention, layer: 2) == .two)
    #expect(plan.bits(of: .mlp, layer: 2) == .two)
    #expect(plan.headBits == .eight)
    plan.bits.head = .native
    #expect(plan.headBits == .native)
  }

  @Test func toggling() {
    var plan = Plan()
    plan.toggle(.attention, layer: 4)
    plan.toggle(.mlp, layer: 4)
    #expect(!plan.runs(.attention, layer: 4) && !plan.runs(.mlp, layer: 4) && plan.runs(.mlp, layer: 5))
    plan.toggle(.attention, layer: 4)
    plan.toggle(.mlp, layer: 4)
    #expect(plan == .baseline)
  }

  @Test func description() {
    #expect(Plan.baseline.description == "baseline")
    var plan = Plan()
    plan.drop.attention = [5, 7, 8, 9]
    plan.drop.mlp = [3]
    plan.bits.default = .four
    plan.bits.layers = [11: .ternary]
    plan.kvBits = 8
    #expect(plan.description == "attn −5,7-9 · mlp −3 · bits 4 · L11 bits ternary · kv 8 b")
  }

  @Test(
    arguments: [
      ("", []), ("3", [3]), ("3,5-8", [3, 5, 6, 7, 8]), (" 3  5-5 , 9 ", [3, 5, 9]), ("7-9,8", [7, 8, 9]),
      ("0,0,0", [0]),
    ] as [(String, Set<Int>)])
  func layerLists(text: String, layers: Set<Int>) throws {
    #expect(try LayerList.parse(text) == layers)
    #expect(try LayerList.parse(LayerList.format(layers)) == layers)
  }

  @Test(arguments: [
    "x", "3-", "-3", "5-3", "1-2-3", "3..5", "0-10000", "1e3", "99999999999999999999",
    "0-99999999999999999999", "+-+", "３",
  ])
  func refusesLayerList(text: String) {
    let error = #expect(throws: PlanError.self) { try LayerList.parse(text) }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func layerListFormat() {
    #expect(LayerList.format([]) == "")
    #expect(LayerList.format([8, 3, 5, 7, 6, 10]) == "3,5-8,10")
    #expect(LayerList.format([1, 2]) == "1-2")
  }
}
