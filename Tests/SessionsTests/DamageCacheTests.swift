import Analysis
import Foundation
import Inference
import Testing

@testable import Sessions

@Suite struct DamageCacheTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func key(_ model: String, _ plan: Plan = .baseline, _ text: String = "a", tokens: Int = 256) throws
    -> DamageCache.Key
  {
    try #require(DamageCache.Key(model: model, plan: plan, text: Data(text.utf8), tokens: tokens))
  }

  private var report: DamageReport {
    var report = DamageReport(
      plan: .baseline, tokens: 256, baseline: Damage(kl: 0, perplexity: 20.5, sameTop: 1),
      undropped: Damage(kl: 0, perplexity: 20.5, sameTop: 1))
    report.add(
      .init(
        Droppable(.attention, 3), similarity: 0.99, Damage(kl: 0.031, perplexity: 21.25, sameTop: 0.9)))
    return report
  }

  @Test func keepsWhatWasMeasured() throws {
    let model = folder.url.appending(path: "model.gguf").path
    try "weights".write(toFile: model, atomically: true, encoding: .utf8)
    let cache = DamageCache(folder: folder.url.appending(path: "cache/damage"))
    #expect(try cache.report(key(model)) == nil)
    try cache.keep(report, key(model))
    #expect(try cache.report(key(model)) == report)
    // Of another plan, text, length or model nothing is known.
    let plan = Droppable(.mlp, 1).dropped(from: .baseline)
    #expect(try cache.report(key(model, plan)) == nil)
    #expect(try cache.report(key(model, .baseline, "b")) == nil)
    #expect(try cache.report(key(model, tokens: 128)) == nil)
    try "other weights".write(toFile: model, atomically: true, encoding: .utf8)
    #expect(try cache.report(key(model)) == nil)
    #expect(DamageCache.Key(model: folder.url.path + "/none", plan: plan, text: Data(), tokens: 1) == nil)
  }

  @Test func forgetsWhatCannotBeRead() throws {
    let model = folder.url.appending(path: "model.gguf").path
    try "weights".write(toFile: model, atomically: true, encoding: .utf8)
    let files = folder.url.appending(path: "cache")
    let cache = DamageCache(folder: files)
    try cache.keep(report, key(model))
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: files.path).first)
    try "{".write(to: files.appending(path: file), atomically: true, encoding: .utf8)
    #expect(try cache.report(key(model)) == nil)
  }
}
