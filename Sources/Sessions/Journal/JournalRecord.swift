import Foundation
import Inference

/// One line of a journal in JSON. `sessions/README.md` describes the format.
///
/// A type of its own beside ``SessionEvent``, so that renaming something in the program cannot change the
/// files.
struct JournalRecord: Codable, Equatable {
  var kind: String
  var at: Date
  /// Of the `session` record alone.
  var version: Int?
  var id: Int?
  var parent: Int?
  var role: ChatMessage.Role?
  var content: String?
  var text: String?
  /// The part of a thought; absent where there is none.
  var reasoning: String?
  var tokens: [Int]?
  /// ``TokenRecord/packed(_:)`` of the tokens; absent where there are none.
  var drawn: String?
  var model: ModelReference?
  var plan: Plan?
  var sampling: SamplingRecord?
  var statistics: StatisticsRecord?
  var key: String?
  var value: String?
  var message: String?
  var start: Int?
  var from: Int?
  var count: Int?
  var summary: String?

  init(kind: String, at: Date) {
    self.kind = kind
    self.at = at
  }
}

extension JournalRecord {
  /// The first line of every journal.
  static func header(at date: Date) -> JournalRecord {
    var record = JournalRecord(kind: "session", at: date)
    record.version = Journal.formatVersion
    return record
  }

  /// Whether this program knows a key of records.
  static func knows(_ key: String) -> Bool { CodingKeys(stringValue: key) != nil }

  /// nil for a record of an unknown kind, of which there is the line alone.
  init?(_ event: SessionEvent, at date: Date) {
    switch event {
    case .model(let model):
      self.init(kind: "model", at: date)
      self.model = model
    case .plan(let plan):
      self.init(kind: "plan", at: date)
      self.plan = plan
    case .sampling(let sampling):
      self.init(kind: "sampling", at: date)
      self.sampling = SamplingRecord(sampling)
    case .setting(let key, let value):
      self.init(kind: "setting", at: date)
      self.key = key
      self.value = value
    case .message(let id, let parent, let role, let content):
      self.init(kind: "message", at: date)
      self.id = id
      self.parent = parent
      self.role = role
      self.content = content
    case .answerBegan(let id, let parent, let model, let plan, let sampling):
      self.init(kind: "answer", at: date)
      self.id = id
      self.parent = parent
      self.model = model
      self.plan = plan
      self.sampling = SamplingRecord(SamplingChoices(all: sampling))
    case .answerBranched(let id, let from, let tokens):
      self.init(kind: "branch", at: date)
      self.id = id
      self.from = from
      self.count = tokens
    case .answerText(let id, let text, let reasoning, let tokenIDs, let records):
      self.init(kind: "text", at: date)
      self.id = id
      self.text = text
      self.reasoning = reasoning.isEmpty ? nil : reasoning
      self.tokens = tokenIDs
      self.drawn = TokenRecord.packed(records)
    case .answerPlan(let id, let plan):
      self.init(kind: "answer-plan", at: date)
      self.id = id
      self.plan = plan
    case .answerContinued(let id, let model, let plan, let sampling):
      self.init(kind: "continue", at: date)
      self.id = id
      self.model = model
      self.plan = plan
      self.sampling = SamplingRecord(SamplingChoices(all: sampling))
    case .contextCut(let id, let cut):
      self.init(kind: "context", at: date)
      self.id = id
      self.start = cut.start
      self.summary = cut.summary
    case .answerEnded(let id, let statistics):
      self.init(kind: "end", at: date)
      self.id = id
      self.statistics = StatisticsRecord(statistics)
    case .answerFailed(let id, let message):
      self.init(kind: "failed", at: date)
      self.id = id
      self.message = message
    case .selected(let id):
      self.init(kind: "select", at: date)
      self.id = id
    case .unknown: return nil
    }
  }

  /// The event; nil for a kind that this program does not know, which a newer one wrote.
  func event() throws -> SessionEvent? {
    switch kind {
    case "model": .model(try need(model, "model"))
    case "plan": .plan(try need(plan, "plan"))
    case "sampling": .sampling(try need(sampling, "sampling").choices)
    case "setting": .setting(key: try need(key, "key"), value: try need(value, "value"))
    case "message":
      .message(
        id: try need(id, "id"), parent: parent, role: try need(role, "role"),
        content: try need(content, "content"))
    case "answer":
      .answerBegan(
        id: try need(id, "id"), parent: try need(parent, "parent"), model: try need(model, "model"),
        plan: plan ?? .baseline, sampling: sampling?.choices.over() ?? SamplingOptions())
    case "branch":
      .answerBranched(id: try need(id, "id"), from: try need(from, "from"), tokens: try need(count, "count"))
    case "text":
      .answerText(
        id: try need(id, "id"), text: try need(text, "text"), reasoning: reasoning ?? "",
        tokenIDs: tokens ?? [],
        records: drawn.flatMap(TokenRecord.unpacked) ?? [])
    case "answer-plan": .answerPlan(id: try need(id, "id"), try need(plan, "plan"))
    case "continue":
      .answerContinued(
        id: try need(id, "id"), model: try need(model, "model"), plan: plan ?? .baseline,
        sampling: sampling?.choices.over() ?? SamplingOptions())
    case "context": .contextCut(id: try need(id, "id"), ContextCut(start: start, summary: summary))
    case "end": .answerEnded(id: try need(id, "id"), try need(statistics, "statistics").statistics)
    case "failed": .answerFailed(id: try need(id, "id"), message: message ?? "failed")
    case "select": .selected(id)
    default: nil
    }
  }

  private func need<Value>(_ value: Value?, _ name: String) throws(SessionError) -> Value {
    guard let value else { throw SessionError("“\(kind)” lacks “\(name)”") }
    return value
  }
}

/// Sampling options by the keys of ``SamplingOption``, as numbers where they are; those that are not chosen
/// are absent, unknown ones are let pass, so that journals of other versions stay readable.
struct SamplingRecord: Codable, Equatable {
  var choices: SamplingChoices

  init(_ choices: SamplingChoices) { self.choices = choices }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyCodingKey.self)
    choices = SamplingChoices()
    for option in Self.known(container.allKeys) {
      let key = AnyCodingKey(option.key)
      guard container.contains(key), try !container.decodeNil(forKey: key) else { continue }
      let text =
        if let whole = try? container.decode(UInt64.self, forKey: key) {
          "\(whole)"
        } else if let number = try? container.decode(Float.self, forKey: key) {
          "\(number)"
        } else {
          try container.decode(String.self, forKey: key)
        }
      try choices.set(option, to: text)
    }
  }

  /// The options of the table, and the variables of templates.
  private static func known(_ keys: [AnyCodingKey]) -> [SamplingOption] {
    SamplingOption.all
      + keys.map(\.stringValue).filter { $0.hasPrefix(SamplingOption.variablePrefix) }
      .compactMap { try? SamplingOption.named($0) }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    let options = choices.over()
    for option in choices.options {
      let key = AnyCodingKey(option.key)
      let text = option.text(in: options)
      if let whole = UInt64(text) {
        try container.encode(whole, forKey: key)
      } else if let number = Float(text), number.isFinite {
        try container.encode(number, forKey: key)
      } else {
        try container.encode(text, forKey: key)
      }
    }
  }
}

/// ``AnswerStatistics`` in files. Rates that were not finite (an answer of no tokens) become 0.
struct StatisticsRecord: Codable, Equatable {
  var promptTokens: Int
  var reusedTokens: Int?
  var answerTokens: Int
  var prefillTokensPerSecond: Double?
  var decodeTokensPerSecond: Double?
  var firstTokenSeconds: Double?
  var stop: StopReason
  var loop: Repetition?
  /// Absent where there is no thought.
  var thought: ThoughtRecord?
  /// Absent where nothing was guessed.
  var draft: DraftRecord?

  struct ThoughtRecord: Codable, Equatable {
    var tokens: Int
    var seconds: Double
    var firstContentSeconds: Double?
    var draft: DraftRecord?

    private enum CodingKeys: String, CodingKey {
      case tokens, seconds, draft
      case firstContentSeconds = "first_content_s"
    }
  }

  struct DraftRecord: Codable, Equatable {
    var accepted: Int
    var proposed: Int
    var batches: Int
    var seconds: Double

    init(_ draft: DraftStatistics) {
      (accepted, proposed, batches) = (draft.accepted, draft.proposed, draft.batches)
      seconds = draft.seconds.isFinite ? draft.seconds : 0
    }

    var statistics: DraftStatistics {
      DraftStatistics(accepted: accepted, proposed: proposed, batches: batches, seconds: seconds)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case stop, loop, thought, draft
    case promptTokens = "prompt_tokens"
    case reusedTokens = "reused_tokens"
    case answerTokens = "answer_tokens"
    case prefillTokensPerSecond = "prefill_tok_per_s"
    case decodeTokensPerSecond = "decode_tok_per_s"
    case firstTokenSeconds = "first_token_s"
  }

  init(_ statistics: AnswerStatistics) {
    func finite(_ value: Double) -> Double { value.isFinite ? value : 0 }
    promptTokens = statistics.promptTokens
    reusedTokens = statistics.reusedTokens
    answerTokens = statistics.answerTokens
    prefillTokensPerSecond = finite(statistics.prefillTokensPerSecond)
    decodeTokensPerSecond = finite(statistics.decodeTokensPerSecond)
    firstTokenSeconds = finite(statistics.firstTokenSeconds)
    stop = statistics.stop
    loop = statistics.loop
    thought = statistics.thought.map {
      ThoughtRecord(
        tokens: $0.tokens, seconds: finite($0.seconds),
        firstContentSeconds: $0.firstContentSeconds.map(finite), draft: $0.draft.map(DraftRecord.init))
    }
    draft = statistics.draft.map(DraftRecord.init)
  }

  var statistics: AnswerStatistics {
    AnswerStatistics(
      promptTokens: promptTokens, reusedTokens: reusedTokens ?? 0, answerTokens: answerTokens,
      prefillTokensPerSecond: prefillTokensPerSecond ?? 0,
      decodeTokensPerSecond: decodeTokensPerSecond ?? 0, firstTokenSeconds: firstTokenSeconds ?? 0,
      stop: stop, loop: loop,
      thought: thought.map {
        ThoughtStatistics(
          tokens: $0.tokens, seconds: $0.seconds, firstContentSeconds: $0.firstContentSeconds,
          draft: $0.draft?.statistics)
      }, draft: draft?.statistics)
  }
}
