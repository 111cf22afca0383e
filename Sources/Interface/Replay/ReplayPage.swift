import Foundation
import IO
import Inference
import Sessions

/// A session as one page that plays it in a browser, without an engine and without the network: its style, its
/// script and its data stand in the page itself.
///
/// Text of people and models is data: it stands in a block of JSON, in which nothing can end the block, and the
/// script shows it as text. A policy in the page forbids every other script, and everything from elsewhere.
public struct ReplayPage {
  private let name: SessionName
  private let replay: Replay
  private let report: ReplayReport
  private let missing: String

  /// - Parameters:
  ///   - report: What was computed of its answers.
  ///   - missing: Why something was not computed, for the reader; empty where all was.
  public init(
    _ replay: Replay, name: SessionName, report: ReplayReport = ReplayReport(), missing: String = ""
  ) {
    self.name = name
    self.replay = replay
    self.report = report
    self.missing = missing
  }

  /// The page in HTML.
  public func html() throws -> String {
    let style = String(decoding: PackageResources.replay_css, as: UTF8.self)
    let script = String(decoding: PackageResources.replay_js, as: UTF8.self)
    let policy = """
      default-src 'none'; script-src '\(FileHash.source(script))'; style-src '\(FileHash.source(style))'; \
      base-uri 'none'; form-action 'none'
      """
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // No `<` can begin a tag or a comment in it.
    let data = String(decoding: try encoder.encode(document), as: UTF8.self)
      .replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
    let parts = [
      "policy": policy, "title": Self.escaped(name.description), "style": style, "script": script,
      "data": data,
    ]
    var page = ""
    var rest = String(decoding: PackageResources.replay_html, as: UTF8.self)[...]
    // From left to right, so that what is filled in is not looked at again.
    while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
      page += rest[..<open.lowerBound]
      page += parts[String(rest[open.upperBound..<close.lowerBound])] ?? ""
      rest = rest[close.upperBound...]
    }
    return page + rest
  }

  /// Names hold letters, digits, spaces and `-_.`; escaped all the same.
  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  // MARK: Data

  private struct Document: Encodable {
    var name, about: String
    var branch: [Int]
    var nodes: [NodeRecord]
    var notes: [String]
    var ramp = HeatmapRecord.ramp
    var notFinite = HeatmapRecord.notFinite
    var hasMaps: Bool
    var noMaps: String
    private enum CodingKeys: String, CodingKey {
      case name, about, branch, nodes, notes, ramp
      case notFinite = "not_finite", hasMaps = "has_maps", noMaps = "no_maps"
    }
  }

  private var document: Document {
    let conversation = replay.session.conversation
    let hasMaps = report.answers.values.contains { !$0.segments.isEmpty }
    let about = [
      replay.session.model?.name, replay.created?.formatted(.iso8601), "recorded by pare",
    ]
    return Document(
      name: name.description, about: about.compactMap { $0?.onOneLine }.joined(separator: " · "),
      branch: conversation.path().map(\.id),
      nodes: conversation.nodes.map { NodeRecord($0, conversation, report) },
      notes: replay.notes.map(\.onOneLine) + (missing.isEmpty ? [] : [missing.onOneLine]), hasMaps: hasMaps,
      noMaps: missing.isEmpty ? "this page was made without the model: it has no maps" : missing.onOneLine)
  }

  private struct NodeRecord: Encodable {
    var id: Int
    var parent: Int?
    var role: ChatMessage.Role
    var speaker, text: String
    /// What was thought before; nil for nothing.
    var thought: String?
    var answer: AnswerRecord?

    init(_ node: Conversation.Node, _ conversation: Conversation, _ report: ReplayReport) {
      (id, parent, role) = (node.id, node.parent, node.role)
      speaker = node.speaker.onOneLine
      text = node.content.sanitized
      thought = node.reasoning.isEmpty ? nil : node.reasoning.sanitized
      answer = node.answer.map { AnswerRecord($0, node, conversation, report) }
    }
  }

  private struct AnswerRecord: Encodable {
    var figures, planText: String
    var layers: [LayerRecord]
    var changes: [ChangeRecord]
    var tokens: Int
    /// Tokens a second, as measured when it was given; 0 where unknown.
    var rate: Double
    var pieces: [String]?
    /// For each piece whether it belongs to the thought; nil where nothing was thought.
    var inThought: [Bool]?
    var note: String?
    var segments: [SegmentRecord]
    var comparison: ComparisonRecord?

    private enum CodingKeys: String, CodingKey {
      case figures, layers, changes, tokens, rate, pieces, note, segments, comparison
      case planText = "plan_text", inThought = "in_thought"
    }

    init(_ answer: Answer, _ node: Conversation.Node, _ conversation: Conversation, _ report: ReplayReport) {
      let recorded = report.answers[node.id]
      let count = recorded?.layers ?? 0
      figures = (node.figures ?? "").onOneLine
      planText = "\(answer.plan)"
      layers = LayerRecord.layers(answer.plan, count: count)
      changes = answer.planChanges.map { ChangeRecord($0, layers: count) }
      tokens = recorded?.pieces?.count ?? answer.tokenIDs.count
      let rate = answer.statistics?.decodeTokensPerSecond ?? 0
      self.rate = rate.isFinite ? rate : 0
      pieces = recorded?.pieces?.map(\.sanitized)
      if pieces != nil, let parts = recorded?.parts, parts.contains(.reasoning) {
        inThought = parts.map { $0 == .reasoning }
      }
      note = recorded?.note.map { "no maps of this answer: \($0)".onOneLine }
      segments = (recorded?.segments ?? []).map(SegmentRecord.init)
      comparison = ComparisonRecord(node, conversation, recorded)
    }
  }

  /// Whether attention and MLP run, and the bits of the attention.
  private struct LayerRecord: Encodable {
    var attention, mlp: Bool
    var bits: String

    static func layers(_ plan: Plan, count: Int) -> [LayerRecord] {
      (0..<count).map { layer in
        let bits = Plan.Sublayer.allCases.map { plan.bits(of: $0, layer: layer).rawValue }
        return LayerRecord(
          attention: plan.runs(.attention, layer: layer), mlp: plan.runs(.mlp, layer: layer),
          bits: bits[0] == bits[1] ? bits[0] : bits.joined(separator: " / "))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(attention)
      try container.encode(mlp)
      try container.encode(bits)
    }
  }

  private struct ChangeRecord: Encodable {
    var tokens: Int
    var planText: String
    var layers: [LayerRecord]
    private enum CodingKeys: String, CodingKey { case tokens, layers, planText = "plan_text" }

    init(_ change: PlanChange, layers count: Int) {
      tokens = change.tokens
      planText = "\(change.plan)"
      layers = LayerRecord.layers(change.plan, count: count)
    }
  }

  private struct SegmentRecord: Encodable {
    var from, prompt, first: Int
    var planText: String
    var labels: [String]
    var maps: [HeatmapRecord]
    private enum CodingKeys: String, CodingKey {
      case from, prompt, first, labels, maps, planText = "plan_text"
    }

    init(_ segment: RecordedAnswer.Segment) {
      (from, prompt, first) = (segment.from, segment.prompt, segment.first)
      planText = "\(segment.plan)"
      (labels, maps) = (segment.labels, segment.maps)
    }
  }

  /// An answer beside the first to the same prompt.
  private struct ComparisonRecord: Encodable {
    var with: Int
    var summary: String
    /// The first token that differs; nil where none does.
    var split: Int?
    /// Words that the first answer lacks: from and to, in UTF-16 units of the text.
    var changed: [[Int]]
    /// KL(first ‖ this) in nats at each token, and whether both had the same likeliest; nil where it is no number.
    var kl, sameTop: [Double?]
    private enum CodingKeys: String, CodingKey {
      case with, summary, split, changed, kl, sameTop = "same_top"
    }

    /// nil for an answer that is compared with no other.
    init?(_ node: Conversation.Node, _ conversation: Conversation, _ recorded: RecordedAnswer?) {
      let answers = node.parent.map { conversation.answers(to: $0) } ?? []
      guard let first = answers.first(where: { $0.answer?.tokenIDs.isEmpty == false }), first.id != node.id,
        let ids = node.answer?.tokenIDs, let others = first.answer?.tokenIDs
      else { return nil }
      with = first.id
      split = ids == others ? nil : zip(ids, others).prefix { $0 == $1 }.count
      let text = node.content.sanitized, other = first.content.sanitized
      let words = WordDifference.words(text)
      let isNew = WordDifference.changed(
        words.map { text[$0] }, from: WordDifference.words(other).map { other[$0] })
      changed = zip(words, isNew).filter(\.1).map { range, _ in
        [range.lowerBound, range.upperBound].map { text.utf16.distance(from: text.startIndex, to: $0) }
      }
      let divergence = recorded?.divergence
      kl = divergence?.tokens.map { $0.kl.isFinite ? $0.kl : nil } ?? []
      sameTop = divergence?.tokens.map(\.divergence.sameTopShare).map { $0.isNaN ? nil : $0 } ?? []
      var parts = [split.map { "splits at token \($0)" } ?? "the same answer"]
      if split != nil { parts.append("\(changed.count) of \(words.count) words differ") }
      if let kl = divergence?.meanKL { parts.append("KL \(Figures.fixed(kl, 4)) nats a token") }
      if let same = divergence?.sameTop { parts.append("same top \(Figures.fixed(100 * same, 0)) %") }
      summary = parts.joined(separator: " · ")
    }
  }
}
