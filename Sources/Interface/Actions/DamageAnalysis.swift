import Analysis
import Foundation
import Inference
import Sessions

/// Measuring what dropping each sublayer and block alone, or each head, does.
struct DamageRequest: AnalysisRequest, Hashable {
  /// The model's file.
  var model: String
  /// The plan that runs but for the part dropped.
  var plan: Plan
  var units = DamageMeasurement.Units.sublayersAndBlocks
  var text: Text
  /// Tokens of the text, at most.
  var tokens: Int

  /// A text to measure on.
  enum Text: Sendable, Hashable {
    case builtin
    case thoughts
    case file(String)
    case conversation([ChatMessage])

    fileprivate func read() throws -> TrialText {
      switch self {
      case .builtin: return .builtin
      case .thoughts: return .thoughts
      case .conversation(let messages): return .conversation(messages)
      case .file(let path):
        let url = URL(filePath: (path as NSString).expandingTildeInPath)
        do { return .text([UInt8](try Data(contentsOf: url))) } catch {
          throw UnreadableText(path: url.path)
        }
      }
    }
  }

  private struct UnreadableText: Error, CustomStringConvertible {
    var path: String
    var description: String { "\(path): cannot be read: /measure takes a text file, tokens, or chat" }
  }

  var activity: String { "measuring damage" }

  /// A measurement that knows what was measured earlier of the same, and adds to it.
  func prepare(_ directories: Directories) throws -> PreparedAnalysis {
    let text = try text.read()
    var job = DamageMeasurement(plan: plan, units: units, text: text, tokens: tokens)
    let cache = DamageCache(folder: directories.damage)
    // Made now, since the model's file may be another at the end.
    guard let key = DamageCache.Key(model: model, plan: job.plan, text: text.identity, tokens: tokens) else {
      return PreparedAnalysis(job: job)
    }
    job.known = cache.report(key)
    return PreparedAnalysis(job: job) { report in
      if let report = report as? DamageReport, cache.report(key) != report { try cache.keep(report, key) }
    }
  }

  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    guard let report = state.findings.damage, !report.entries.isEmpty else {
      state.say(isWhole ? "nothing runs that could be dropped" : "stopped")
      return []
    }
    state.say((isWhole ? "" : "stopped: ") + report.summary(of: units))
    return [.keep(report)]
  }
}

extension DamageReport: ReportWithConsequences {
  /// Similarity is measured along with damage, and shown where nothing else is known.
  func change(_ state: inout AppState) {
    state.redundancy.complete(with: self, layers: state.layerCount)
  }

  /// `90 drops over 256 tokens; least KL: attention 7 0.015, attention 6 0.018, attention 26 0.031`.
  fileprivate func summary(of units: DamageMeasurement.Units) -> String {
    let measured = entries.filter { ($0.dropped.head != nil) == (units == .heads) }
    let named = measured.filter { $0.dropped.part != .block && !$0.damage.kl.isNaN }
    let drops = "\(measured.count) \(units == .heads ? "heads" : "drops") over \(tokens) tokens"
    guard !named.isEmpty else { return "\(drops): no KL is a number" }
    let least = named.sorted { $0.damage.kl < $1.damage.kl }.prefix(3)
      .map { "\($0.dropped.name) \(Figures.kl($0.damage.kl))" }
    return "\(drops); least KL: " + least.joined(separator: ", ")
  }
}

extension Droppable {
  /// `attention 7`, `head 7:3`.
  fileprivate var name: String {
    if let head { return "head \(layer):\(head)" }
    return "\(part == .mlp ? "MLP" : "attention") \(layer)"
  }
}

extension AppState {
  /// Tokens of a conversation that are measured on, at least.
  private static let conversationTokens = 512

  /// Measures what dropping each part of the current plan alone does.
  ///
  /// - Parameter tokens: nil for as many as are usual.
  mutating func measureDamage(
    of units: DamageMeasurement.Units = .sublayersAndBlocks, over text: DamageRequest.Text = .builtin,
    tokens: Int? = nil
  ) -> [Effect] {
    guard let model = idleModel() else { return [] }
    let tokens = tokens ?? DamageMeasurement.defaultTokens
    return beginAnalysis(
      DamageRequest(model: model.path, plan: plan, units: units, text: text, tokens: tokens))
  }

  /// Measures damage on the conversation so far.
  mutating func measureDamageOverConversation(
    of units: DamageMeasurement.Units = .sublayersAndBlocks
  ) -> [Effect] {
    guard idleModel() != nil else { return [] }
    let messages = session.conversation.messages()
    guard messages.contains(where: { $0.role == .user }) else {
      say("nothing is said yet: /measure takes the built-in text")
      return []
    }
    return measureDamage(
      of: units, over: .conversation(messages),
      tokens: max(DamageMeasurement.defaultTokens, Self.conversationTokens))
  }
}
