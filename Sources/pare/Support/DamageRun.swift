import Analysis
import Foundation
import Inference
import Sessions

extension InferenceContext {
  /// The damage of each drop under the context's plan, with the results that are kept from earlier runs,
  /// until the end or an interrupt.
  ///
  /// - Parameter tokens: Tokens of the text, at most.
  func damage(
    of units: DamageMeasurement.Units = .sublayersAndBlocks, over text: TrialText,
    tokens: Int = DamageMeasurement.defaultTokens
  ) throws -> (report: DamageReport, isPart: Bool) {
    if plan.heals { note("damage is measured without healing") }
    var measurement = DamageMeasurement(plan: plan, units: units, text: text, tokens: tokens)
    let cache = DamageCache(folder: Directories().damage)
    let key = DamageCache.Key(
      model: model.file.path, plan: measurement.plan, text: text.identity, tokens: measurement.tokens)
    measurement.known = key.flatMap(cache.report)
    let (report, isStopped) = try run(measurement, "measuring damage", reporting: DamageReport.self)
    if let key, report != measurement.known {
      do { try cache.keep(report, key) } catch { note("\(error)") }  // the figures are there all the same
    }
    return (report, isStopped)
  }
}
