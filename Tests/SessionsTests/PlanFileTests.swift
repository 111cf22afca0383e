import Foundation
import Inference
import Testing

@testable import Sessions

@Suite struct PlanFileTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func load(_ text: String, as name: String = "p.toml") throws -> PlanFile {
    try PlanFile.load(from: folder.write(text, as: name))
  }

  static let full: Plan = {
    var plan = Plan()
    plan.drop.attention = [5, 7]
    plan.drop.mlp = [11]
    plan.bits.default = .ternary
    plan.bits.attention = .four
    plan.bits.head = .native
    plan.bits.layers = [3: .three, 12: .one]
    plan.rotate = true
    plan.heal = .linear
    plan.kvBits = 8
    return plan
  }()

  @Test(arguments: ["plan.toml", "plan.json", "sub/folder/plan.TOML"], [Plan.baseline, full])
  func roundTrips(_ name: String, _ plan: Plan) throws {
    let file = PlanFile(plan: plan, model: "SmolLM2 “quoted\" \\ é\n")
    let url = folder.url.appending(path: name)
    try file.save(to: url)
    #expect(try PlanFile.load(from: url) == file)
    try PlanFile(plan: plan).save(to: url)
    #expect(try PlanFile.load(from: url).model == nil)
  }

  @Test func absentPartsAreTheBaselines() throws {
    #expect(try load("").plan == .baseline)
    #expect(try load("drop.attention = [1]\nbits.default = 4").plan.bits.default == .four)
    #expect(try load("{\"bits\": {\"layers\": {\"3\": 3}}}", as: "p.json").plan.bits.layers == [3: .three])
  }

  @Test(arguments: [
    ("bits.default = 7", ":1:", "unknown bits “7”"),
    ("[bits]\n\nattention = \"wide\"", ":3:", "unknown bits “wide”"),
    ("[drop]\nattention = \"all\"", ":2:", "“drop.attention” has a value of the wrong kind"),
    ("[drop]\nattention = [1, 2.5]", ":", "a fraction where a whole number is needed"),
    ("# plan\ndorp = 1", ":2:", "unknown key “dorp”"),
    ("[drop]\nmlps = []", ":2:", "unknown key “drop.mlps”"),
    ("rotate = 1", ":1:", "“rotate” has a value of the wrong kind"),
    ("heal = \"magic\"", ":1:", "heal"),
    ("[bits.layers]\nx = 3", ":1:", "“x” is not a layer number"),
    ("model = 1", ":1:", "“model” must be a text"),
    ("[drop", ":1:", "table header"),
  ])
  func errorsNameLineAndKey(_ text: String, _ line: String, _ message: String) {
    let error = #expect(throws: FileError.self) { try load(text) }
    #expect(error?.description.contains("p.toml\(line)") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: ["[]", "{", "{\"model\": 1}", "{\"drop\": []}", "{\"kv_bits\": 1e99}", ""])
  func badJSONIsRefused(_ text: String) {
    let error = #expect(throws: FileError.self) { try load(text, as: "p.json") }
    #expect(error?.description.contains { $0.isNewline } == false)
  }

  @Test func aPlanForAnotherModelIsWarnedAbout() throws {
    let file = PlanFile(plan: Self.full, model: "tiny")
    #expect(try file.check(model: "Tiny", layers: 30) == nil)
    #expect(try file.check(model: "big", layers: 30)?.contains("made for tiny, not big") == true)
    #expect(throws: PlanError.self) { try file.check(model: "tiny", layers: 12) }
  }

  @Test func savedPlansAreFoundByName() throws {
    try PlanFile(plan: Self.full).save(to: PlanFile.url(named: "lean", in: folder.url))
    #expect(PlanFile.names(in: folder.url) == ["lean"])
    #expect(try PlanFile.find("lean", in: folder.url).lastPathComponent == "lean.toml")
    let error = #expect(throws: FileError.self) { try PlanFile.find("leen", in: folder.url) }
    #expect(error?.description.contains("did you mean lean?") == true)
    #expect(throws: FileError.self) { try PlanFile.url(named: "../../x", in: folder.url) }
    #expect(throws: FileError.self) { try PlanFile.find("../../x", in: folder.url) }
  }
}
