import Foundation
import ModelFiles
import Testing

/// A comparison in a terminal: from the rerun to the token that a plan changed.
@Suite(.serialized, .ownThreads, .enabled(if: ModelFiles.areThere)) struct CompareTerminalTests {
  @Test func rerunShadeLookAndStep() async throws {
    let terminal = try Tmux("--seed 1", width: 120, height: 40)
    try await terminal.wait(for: "Enter asks")
    try terminal.enter("What is the capital of France? Answer in one sentence.")
    try await terminal.wait("the whole answer") {
      $0.contains("Paris") && $0.contains(#/· [0-9.,]+ tok/s · /#) && !$0.contains("^C stops")
    }
    try terminal.enter("/drop attn 5 7-9")
    try await terminal.wait(for: "attn 26/30")
    try terminal.enter("/rerun")
    // Nobody asks for it: it comes when the answer has ended.
    try await terminal.wait("KL along both answers") { $0.contains(#/KL [▁-█]+ +│ KL [▁-█]+/#) }
    try terminal.press("BTab")
    try terminal.press("w")
    try await terminal.wait("the worst token") { $0.contains(#/B \d+ “.*” · KL [0-9.]+ · JS 0\.\d+/#) }
    try terminal.press("Enter")
    try await terminal.wait("both plans' tokens") {
      $0.contains("Lockstep · after") && $0.matches(of: /[AB] [0-9.]+ %/).count >= 10
    }
    try terminal.press("Down")
    try terminal.press("Enter")
    try await terminal.wait("a step of one's own") {
      !$0.contains("reading") && $0.contains(#/KL [0-9.]+ · JS/#)
    }
    try terminal.press("Escape")
    try await terminal.wait("its end") { !$0.contains("Lockstep") }
    try terminal.press("t")
    try await terminal.wait("speeds in turns") {
      $0.contains("(6 turns, ")
    }
    try terminal.press("Escape")
    try terminal.press("Escape")
    // A second plan: three runs to choose from.
    try terminal.enter("/restore all")
    try await terminal.wait(for: "attn 30/30")
    try terminal.enter("/rerun")
    try await terminal.wait("the same again") {
      $0.contains("B predicts the same as A") && $0.contains("3 baseline")
    }
    try terminal.enter("/quit")
    try await terminal.wait("a clean end") { $0.contains("exit status 0") && $0.contains("modes restored") }
  }
}
