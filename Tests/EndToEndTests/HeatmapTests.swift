import Foundation
import ModelFiles
import Testing

/// Heatmaps of the real model: on the screen, and in files.
@Suite(.serialized, .ownThreads, .enabled(if: ModelFiles.areThere)) struct HeatmapTests {
  @Test func viewsOnTheScreen() async throws {
    let program = Program()
    let terminal = try Tmux("--seed 1", width: 120, height: 40, program: program)
    try await terminal.wait(for: "attn 30/30")
    try terminal.enter("/set temperature 0")
    try terminal.enter("/heat lens")
    try terminal.enter("What is the capital of France?")
    try await terminal.wait("the lens at the answer's end") {
      $0.contains("baseline") && $0.contains("Paris") && $0.contains(/logit lens · layer × token ─/)
        && $0.contains(/L00 “.*” ▸ “.*” 0\.\d/)
    }
    try terminal.enter("/heat stream")
    try await terminal.wait("the stream") { $0.contains(/L00 × input -?0\.0/) }
    // A plan is seen at once, without another answer.
    try terminal.enter("/drop attn 7")
    try terminal.enter("/heat head 7 0")
    try await terminal.wait(for: "no attention runs in layer 7")
    try terminal.enter("/restore all")
    try await terminal.wait("the head") {
      $0.contains("attention of L07 H0") && $0.contains(/” → “.*” 0\.\d/)
    }
    try terminal.enter("/heat heads")
    try await terminal.wait(for: "nats")
    try terminal.enter("/bits 4")
    try terminal.enter("/heat error")
    try await terminal.wait("errors") { $0.contains(/L07 q \d+\.\d\d %/) }
    let file = program.home.path + "/errors.svg"
    try terminal.enter("/heat save \(file)")
    try await terminal.wait(for: "saved")
    try terminal.enter("/heat save \(file)")
    try await terminal.wait(for: "is there already")
    #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("<svg"))
  }

  @Test func viewsInFiles() throws {
    let program = Program(), text = "The capital of France is Paris."
    let lens = try program.run(["heatmap", "--view", "lens", "-p", text])
    #expect(lens.status == 0, "\(lens.errors)")
    let lines = lens.output.split(separator: "\n")
    #expect(lines[0] == "after_layer,token_position,token,word,probability")
    // The model's guess after “is” at the last layer.
    #expect(lines.contains { $0.hasPrefix("29,4,\" is\",") }, "\(lens.output.suffix(400))")
    let damage = try program.run(["heatmap", "--view", "damage", "-p", text])
    #expect(damage.status == 0, "\(damage.errors)")
    let fields = damage.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(fields.count == 1 + 30 * 6 && fields[0].prefix(2) == ["layer", "sublayer"])
    #expect(fields[2][1] == "attn KL" && Double(fields[2][2]) ?? 0 > 0)
    let file = program.home.path + "/head.svg"
    let arguments = ["heatmap", "--view", "head", "--layer", "3", "--head", "2", "-p", text, "-o", file]
    #expect(try program.run(arguments).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("Attention of L03 H2"))
    #expect(try program.run(arguments).status == 66)
    for (wrong, status) in [
      (["--view", "nothing"], 64), (["-o", "a.png"], 64), (["--range", "5-2"], 64),
      (["--range", "0-99"], 64),
      (["--view", "head", "--layer", "99"], 64), (["--view", "head", "--layer=-1"], 64),
      (["--view", "head", "--head", "9"], 64), (["--view", "head", "--head=-1"], 64),
      (["--view", "head", "--drop-attn", "0"], 1),
    ] {
      let result = try program.run(["heatmap", "-p", text] + wrong)
      #expect(result.status == Int32(status) && result.output.isEmpty, "\(wrong): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(wrong): \(result.errors)")
    }
  }
}
