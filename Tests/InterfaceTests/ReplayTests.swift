import Analysis
import Foundation
import Inference
import Sessions
import Synchronization
import TestModels
import Testing
import Tokenization

@testable import Interface

/// What a replay computes again is what the model computed, and its page holds texts as data.
@Suite struct ReplayTests {
  private let model: Model
  private let reference: ModelReference
  private let lean: Plan

  init() throws {
    model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    reference = ModelReference(
      name: model.name, path: "/elsewhere/" + URL(filePath: model.file.path).lastPathComponent)
    var plan = Plan()
    plan.drop.attention = [2]
    plan.bits.mlp = .four
    lean = plan
  }

  // MARK: A session that the model gave

  /// Answers the session's last message under a plan, as the program records it.
  private func answer(_ session: inout Session, id: Int, parent: Int, _ plan: Plan, tokens count: Int = 12)
    throws
  {
    let prompt = try model.chatFormat.tokens(session.conversation.messages(to: parent))
    let context = try InferenceContext(model, plan: plan, threads: 1, context: 512)
    var sampling = SamplingOptions()
    sampling.seed = UInt64(id)
    var given: [AnswerToken] = []
    let statistics = try context.answer(
      prompt, sampling: sampling, maximumTokens: count, isPlain: model.chatFormat.isPlain,
      progress: { _ in true },
      isInterrupted: { false }
    ) { token, _ in given.append(token) }
    try session.apply(.answerBegan(id: id, parent: parent, model: reference, plan: plan, sampling: sampling))
    try session.apply(
      .answerText(id: id, text: given.map(\.text).joined(), tokenIDs: given.map(\.id)))
    try session.apply(.answerEnded(id: id, statistics))
  }

  private func talk() throws -> Session {
    var session = Session()
    try session.apply(.model(reference))
    try session.apply(.message(id: 1, parent: nil, role: .user, content: "Why so blue?"))
    try answer(&session, id: 2, parent: 1, .baseline)
    try answer(&session, id: 3, parent: 1, lean)
    return session
  }

  private func record(_ session: Session, pauses: Int = 0) throws -> ReplayReport {
    let last = Mutex<ReplayReport?>(nil), checks = Atomic(0)
    let pace = Pace(
      mustPause: {
        pauses > 0 && checks.wrappingAdd(1, ordering: .relaxed).newValue % 7 == 0
          && checks.load(ordering: .relaxed) < 7 * pauses + 1
      },
      giveWay: {},
      report: { if case .report(let report) = $0 { last.withLock { $0 = report as? ReplayReport } } })
    try ReplayRecording(session).run(model, threads: 1, weightCache: nil, pace)
    return try #require(last.withLock { $0 })
  }

  /// The values of a map, [row][column].
  private func values(_ map: HeatmapRecord) throws -> (name: String, values: [[Float]], off: [Int]) {
    let object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(map)) as? [String: Any])
    let data = try #require(Data(base64Encoded: object["values"] as? String ?? ""))
    let columns = try #require((object["columns"] as? [String: Any])?["count"] as? Int)
    let floats = stride(from: 0, to: data.count, by: 4).map { place in
      Float(
        bitPattern: data[place..<place + 4].enumerated().reduce(0) {
          $0 | UInt32($1.element) << (8 * UInt32($1.offset))
        })
    }
    let rows = stride(from: 0, to: floats.count, by: columns).map { Array(floats[$0..<$0 + columns]) }
    return (try #require(object["name"] as? String), rows, object["off"] as? [Int] ?? [])
  }

  private func bits(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }

  @Test(arguments: [0, 3]) func mapsAreThoseOfTheModel(pauses: Int) throws {
    let session = try talk()
    let report = try record(session, pauses: pauses)
    for (id, plan) in [(2, Plan.baseline), (3, lean)] {
      let node = try #require(session.conversation[id]), recorded = try #require(report.answers[id])
      #expect(recorded.note == nil, "\(node.answer?.tokenIDs ?? [])")
      #expect(recorded.pieces?.joined() == node.content)
      #expect(recorded.layers == model.shape.layers)
      let segment = try #require(recorded.segments.first)
      #expect(recorded.segments.count == 1 && segment.plan == plan && segment.from == 0 && segment.first == 0)
      let prompt = try model.chatFormat.tokens(session.conversation.messages(to: 1))
      #expect(segment.prompt == prompt.count)
      let tokens = prompt + (node.answer?.tokenIDs ?? []).filter { $0 >= 0 }.map { Token($0) }
      #expect(segment.labels.count == tokens.count)
      let context = try InferenceContext(
        model, plan: plan, threads: 1, context: 512, recordsSimilarity: true, keepsStream: true)
      try context.read(tokens)
      let similarity = try #require(context.similarity())
      let maps = try segment.maps.map(values)
      #expect(maps.map(\.name) == ["attn", "mlp", "block", "lens", "norm", "stream"])
      #expect(
        bits(maps[0].values) == bits(similarity.attention) && bits(maps[1].values) == bits(similarity.mlp))
      #expect(maps[0].off == plan.drop.attention.sorted() && maps[1].off == [])
      guard case .lens(let lens) = try context.report(of: .lens).content else { return }
      #expect(
        bits(maps[3].values)
          == (0..<lens.places).map { place in
            tokens.indices.map { (lens.columns[$0]?[place].probability ?? .absent).bitPattern }
          })
    }
    // KL of the second answer, as `pare compare` computes it.
    #expect(report.answers[2]?.divergence == nil)
    let prompt = try model.chatFormat.tokens(session.conversation.messages(to: 1))
    let ids = try #require(session.conversation[3]?.answer?.tokenIDs).filter { $0 >= 0 }.map { Token($0) }
    let expected = try AnswerDivergence(
      of: ids, after: prompt, under: InferenceContext(model, plan: lean, threads: 1, context: 512),
      against: InferenceContext(model, threads: 1, context: 512))
    #expect(report.answers[3]?.divergence == expected)
    #expect(try #require(expected.meanKL) > 0)
  }

  /// Tokens of a thought and of the answer after it are told apart.
  @Test func thoughtsAreAPartOfTheirOwn() throws {
    let thinker = Thinker()
    let model = try TinyModel.thinking(thinker).withFile { try Model(path: $0) }
    let reference = ModelReference(name: model.name, path: model.file.path)
    var session = Session()
    try session.apply(.message(id: 1, parent: nil, role: .user, content: "Is it so?"))
    let context = try InferenceContext(model, threads: 1, context: 512)
    var given: [AnswerToken] = []
    let statistics = try context.answer(
      model.chatFormat.tokens(session.conversation.messages()), sampling: SamplingOptions(),
      maximumTokens: 64,
      isPlain: false, thinking: model.chatFormat.thinking, progress: { _ in true }, isInterrupted: { false }
    ) { token, _ in given.append(token) }
    try session.apply(
      .answerBegan(id: 2, parent: 1, model: reference, plan: .baseline, sampling: SamplingOptions()))
    try session.apply(
      .answerText(
        id: 2, text: given.text(of: .content), reasoning: given.text(of: .reasoning),
        tokenIDs: given.map(\.id)))
    try session.apply(.answerEnded(id: 2, statistics))
    let node = try #require(session.conversation[2]), answer = try #require(node.answer)
    let text = AnswerTokens(node, answer, in: session.conversation, model)
    #expect(text.problem == nil)
    let pieces = zip(try #require(text.pieces), text.parts)
    for (part, expected) in [(AnswerPart.reasoning, thinker.thoughtText), (.content, thinker.answerText)] {
      #expect(pieces.filter { $0.1 == part }.map(\.0).joined() == expected)
    }
    var report = ReplayReport()
    report.answers[2] = RecordedAnswer(layers: 3, pieces: text.pieces, parts: text.parts)
    let page = try ReplayPage(Replay(session, created: nil), name: SessionName("talk"), report: report).html()
    #expect(page.contains("\"in_thought\":[true,") && page.contains("\"thought\":\"Let me weigh this"))
  }

  @Test func aPlanThatChangesMakesTwoStretches() throws {
    var session = Session()
    try session.apply(.message(id: 1, parent: nil, role: .user, content: "Why?"))
    let prompt = try model.chatFormat.tokens(session.conversation.messages())
    let ids = model.tokenizer.encode(Array("abcdef".utf8))
    try session.apply(
      .answerBegan(id: 2, parent: 1, model: reference, plan: .baseline, sampling: SamplingOptions()))
    for (place, id) in ids.enumerated() {
      if place == 2 { try session.apply(.answerPlan(id: 2, lean)) }
      try session.apply(.answerText(id: 2, text: model.tokenizer.text(of: id), tokenIDs: [Int(id)]))
    }
    let segments = try #require(try record(session).answers[2]).segments
    #expect(segments.map(\.from) == [0, 2] && segments.map(\.plan) == [.baseline, lean])
    #expect(segments.map(\.labels.count) == [prompt.count + 2, prompt.count + ids.count])
    let context = try InferenceContext(model, plan: lean, threads: 1, context: 512, recordsSimilarity: true)
    try context.read(prompt + ids)
    #expect(bits(try values(segments[1].maps[1]).values) == bits(try #require(context.similarity()).mlp))
  }

  /// What the model as it is here did not read has no maps, and the page says why.
  @Test func whatDoesNotFitIsSaid() throws {
    let session = try talk()
    func changed(_ change: (inout Answer, inout String) -> Void) throws -> RecordedAnswer? {
      var other = Session()
      for node in session.conversation.nodes {
        guard var answer = node.answer else {
          try other.apply(.message(id: node.id, parent: node.parent, role: node.role, content: node.content))
          continue
        }
        var text = node.content
        change(&answer, &text)
        try other.apply(
          .answerBegan(
            id: node.id, parent: 1, model: answer.model, plan: answer.plan, sampling: answer.sampling))
        try other.apply(.answerText(id: node.id, text: text, tokenIDs: ids ?? answer.tokenIDs))
        if var statistics = answer.statistics {
          statistics.promptTokens += extra
          try other.apply(.answerEnded(id: node.id, statistics))
        }
      }
      return try record(other).answers[2]
    }
    var ids: [Int]?, extra = 0
    let other = try changed { _, text in text = "Another text." }
    #expect(other?.segments.isEmpty == true && other?.note?.contains("not that of its tokens") == true)
    extra = 1
    let longer = try changed { _, _ in }
    #expect(longer?.segments.isEmpty == true && longer?.note?.contains("chat template") == true)
    extra = 0
    ids = [1_000_000]
    #expect(try changed { _, _ in }?.note?.contains("are not those of") == true)
    ids = []
    #expect(try changed { _, text in text = "" }?.note == "it has no tokens")
    // Answers of other models are for those.
    var foreign = Session()
    try foreign.apply(.message(id: 1, parent: nil, role: .user, content: "Why?"))
    try foreign.apply(
      .answerBegan(
        id: 2, parent: 1, model: ModelReference(name: model.name, path: "/m/other.gguf"), plan: .baseline,
        sampling: SamplingOptions()))
    try foreign.apply(.answerText(id: 2, text: "a", tokenIDs: [3]))
    #expect(try record(foreign).answers.isEmpty)
  }

  // MARK: The page

  private func data(_ page: String) throws -> [String: Any] {
    let start = try #require(page.firstRange(of: "id=\"data\">")).upperBound
    let end = try #require(page[start...].firstRange(of: "</script>")).lowerBound
    return try #require(
      try JSONSerialization.jsonObject(with: Data(page[start..<end].utf8)) as? [String: Any])
  }

  @Test func aPageHoldsWhatWasRecorded() throws {
    let session = try talk()
    let page = try ReplayPage(
      Replay(session, created: nil), name: SessionName("talk"), report: record(session)
    ).html()
    let data = try data(page), nodes = try #require(data["nodes"] as? [[String: Any]])
    #expect(data["branch"] as? [Int] == [1, 3] && data["has_maps"] as? Bool == true)
    let answers = nodes.compactMap { $0["answer"] as? [String: Any] }
    #expect(answers.map { $0["plan_text"] as? String } == ["baseline", "\(lean)"])
    let comparison = try #require(answers[1]["comparison"] as? [String: Any])
    #expect(answers[0]["comparison"] == nil && comparison["with"] as? Int == 2)
    #expect((comparison["kl"] as? [Double])?.count == (answers[1]["pieces"] as? [String])?.count)
    #expect((comparison["summary"] as? String)?.contains("nats a token") == true)
    #expect((answers[1]["layers"] as? [[Any]])?.map { $0[0] as? Bool } == [true, true, false, true, true])
  }

  @Test func textsAreData() throws {
    let hostile =
      "</script><script>window.acted = 1</script><!-- <script> {{policy}} {{data}} \u{2028}\u{1B}[2J\u{202E} & 'x' \"y\" \\"
    var session = Session()
    try session.apply(.message(id: 1, parent: nil, role: .user, content: hostile))
    try session.apply(
      .answerBegan(
        id: 2, parent: 1, model: ModelReference(name: hostile), plan: lean, sampling: SamplingOptions()))
    try session.apply(.answerText(id: 2, text: hostile, tokenIDs: [1]))
    try session.apply(.answerFailed(id: 2, message: hostile))
    let page = try ReplayPage(Replay(session, created: nil), name: SessionName("talk"), missing: hostile)
      .html()
    #expect(page.ranges(of: "<script").count == 2 && page.ranges(of: "</script>").count == 2)
    #expect(!page.contains("<!--") && page.ranges(of: "Content-Security-Policy").count == 1)
    #expect(page.contains("default-src 'none'; script-src 'sha256-"))
    for foreign in ["http:", "https:", "//", "src=", "@import", "url("] {
      #expect(
        !page.replacing(/script-src|style-src|default-src|\/\/[^\n]*/, with: "").contains(foreign),
        "\(foreign)")
    }
    #expect(!page.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    let nodes = try #require(try data(page)["nodes"] as? [[String: Any]])
    #expect(
      nodes[0]["text"] as? String == hostile.replacing("\u{1B}", with: "").replacing("\u{202E}", with: ""))
  }
}
