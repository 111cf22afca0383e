import Analysis
import Foundation
import Inference
import Sessions

extension Surroundings {
  /// What the engine is to do for a request: with its text, and without what was measured earlier.
  func analysis(_ request: AnalysisRequest) throws -> any AnalysisJob {
    switch request {
    case .search(let request):
      return PlanSearch(
        request.target, over: request.dimensions, from: request.plan, tokens: request.tokens)
    case .damage(let request):
      let text = try text(request.text)
      // Kept for the end, when the file may be another.
      let key = key(request, text)
      measured = key
      return DamageMeasurement(
        plan: request.plan, text: text, tokens: request.tokens, known: key.flatMap(damageCache.report))
    }
  }

  /// Keeps what the damage measurement that was asked for last has found.
  func keep(_ report: DamageReport) throws {
    if let measured, damageCache.report(measured) != report { try damageCache.keep(report, measured) }
  }

  private func key(_ request: DamageRequest, _ text: TrialText) -> DamageCache.Key? {
    DamageCache.Key(
      model: request.model, plan: DamageMeasurement(plan: request.plan).plan, text: text.identity,
      tokens: request.tokens)
  }

  private func text(_ text: AnalysisText) throws -> TrialText {
    switch text {
    case .builtin: return .builtin
    case .conversation(let messages): return .conversation(messages)
    case .file(let path):
      let url = URL(filePath: (path as NSString).expandingTildeInPath)
      do { return .text([UInt8](try Data(contentsOf: url))) } catch {
        throw MeasuringError(
          description: "\(url.path): cannot be read: /measure takes a text file, tokens, or chat")
      }
    }
  }
}

private struct MeasuringError: Error, CustomStringConvertible {
  let description: String
}
