import Foundation
import Inference
import Testing

@testable import Sessions

@Suite struct ExportTests {
  static let hostile = """
    # A heading
    </div></article><script>alert(1)</script> & "quotes" 'single' `<code>` ``a ` <b>`` <i>
    ```
    <in-code> ```
    ## you
    """

  private func replay(_ events: [SessionEvent]) throws -> Replay {
    var replay = Replay(created: noon)
    replay.session = try session(events)
    return replay
  }

  private func hostileReplay() throws -> Replay {
    let evil = ModelReference(name: "<img src=x>")
    return try replay([
      .message(id: 1, parent: nil, role: .user, content: Self.hostile + "\u{1B}]0;title\u{7}\u{0}\r\nend"),
      .answerBegan(id: 2, parent: 1, model: evil, plan: .baseline, sampling: SamplingOptions()),
      .answerFailed(id: 2, message: "<b>\nfailed"),
    ])
  }

  /// Numbers in journals are anybody's.
  @Test(arguments: [1e300, -1e300, 9.3e18, .infinity, .nan])
  func speedsBeyondAnyNumber(rate: Double) throws {
    let statistics = AnswerStatistics(
      promptTokens: .max, reusedTokens: .min, answerTokens: .max, prefillTokensPerSecond: rate,
      decodeTokensPerSecond: rate, firstTokenSeconds: rate, stop: .endOfTurn)
    let replay = try replay([
      .message(id: 1, parent: nil, role: .user, content: "a"),
      .answerBegan(
        id: 2, parent: 1, model: ModelReference(name: "m"), plan: .baseline, sampling: SamplingOptions()),
      .answerEnded(id: 2, statistics),
    ])
    for format in SessionFormat.allCases {
      #expect(try replay.export(as: format, name: SessionName("a")).isEmpty == false)
    }
  }

  /// Where the model's memory begins is marked, with what it was told of the rest.
  @Test(arguments: [nil, "They <greeted>\nand left."] as [String?])
  func marksWhereTheContextWasCut(summary: String?) throws {
    var events: [SessionEvent] = [.message(id: 1, parent: nil, role: .system, content: "Be brief.")]
    for id in stride(from: 2, through: 6, by: 2) {
      events.append(.message(id: id, parent: id - 1, role: .user, content: "question \(id)"))
      events.append(.message(id: id + 1, parent: id, role: .assistant, content: "answer \(id)"))
    }
    let whole = try replay(events)
    let name = try SessionName("a")
    #expect(whole.contextMark == nil && !whole.export(as: .html, name: name).contains("<p class=\"context"))
    let cut = try replay(events + [.contextCut(id: 7, ContextCut(start: 6, summary: summary))])
    let mark =
      "the context begins here: the 2 turns before it are " + (summary == nil ? "left out" : "summed up")
    let markdown = cut.export(as: .markdown, name: name)
    let place = try #require(markdown.firstRange(of: "\n---\n\n*\(mark)*\n"))
    #expect(
      markdown[..<place.lowerBound].contains("answer 4")
        && markdown[place.upperBound...].contains("question 6"))
    #expect(summary == nil || markdown[place.upperBound...].hasPrefix("\n> They &lt;greeted>\n> and left.\n"))
    let html = cut.export(as: .html, name: name)
    let paragraph = try #require(
      html.firstRange(
        of: "<p class=\"context\">\(mark)" + (summary == nil ? "" : ": They &lt;greeted&gt;\nand left.")
          + "</p>"))
    #expect(
      html[..<paragraph.lowerBound].contains("answer 4")
        && html[paragraph.upperBound...].contains("question 6"))
    #expect(html.components(separatedBy: " left-out\">").count == 5)
  }

  @Test func markdownShowsTheBranchAndTheOtherAnswers() throws {
    let text = try replay(twoAnswers).export(as: .markdown, name: SessionName("a_b"))
    #expect(
      text == """
        # a\\_b

        2026-01-01T12:00:00Z

        ## system

        > Be brief.

        ## you

        > Why?

        ## tiny

        *attn −1-2 · 2 tokens · 81 tok/s · interrupted*

        > No.

        ### another answer of tiny

        *baseline · 2 tokens · 81 tok/s*

        > Because.

        """)
  }

  @Test func markdownHoldsWhatWasSaidInQuotes() throws {
    let text = try hostileReplay().export(as: .markdown, name: SessionName("x"))
    let lines = text.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("#") } == ["# x", "## you", "## \\<img src=x\\>"])
    #expect(
      lines.contains(
        "> &lt;/div>&lt;/article>&lt;script>alert(1)&lt;/script> & \"quotes\" 'single' `<code>` ``a ` <b>`` &lt;i>"
      ))
    #expect(lines.contains("> <in-code> ```"))
    #expect(lines.contains("> end"))
    #expect(lines.contains("*baseline · \\<b\\> failed*"))
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
  }

  @Test func htmlIsEscapedAndWhole() throws {
    let text = try hostileReplay().export(as: .html, name: SessionName("x"))
    #expect(text.hasPrefix("<!DOCTYPE html>\n"))
    #expect(text.hasSuffix("</html>\n"))
    #expect(!text.contains("<script"))
    #expect(!text.contains("<img"))
    #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot; &#39;single&#39;"))
    #expect(text.contains("default-src 'none'"))
    #expect(!text.contains("http://") && !text.contains("https://"))
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    let other = try replay(twoAnswers).export(as: .html, name: SessionName("x"))
    #expect(other.contains("<summary>another answer</summary>"))
  }

  /// Python's parser, an independent one, finds the tags balanced and nothing but ours.
  @Test func htmlParses() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(try hostileReplay().export(as: .html, name: SessionName("x")), as: "x.html")
    let program = """
      import sys
      from html.parser import HTMLParser
      class Check(HTMLParser):
        open = []
        def handle_starttag(self, tag, attributes):
          if tag != 'meta': self.open.append(tag)
        def handle_endtag(self, tag): assert self.open.pop() == tag, tag
        def handle_data(self, data): pass
      check = Check()
      check.feed(open(sys.argv[1], encoding='utf-8').read())
      assert not check.open, check.open
      """
    try await Subprocess.run(["python3", "-c", program, file.path]) { _ in }
  }

  @Test func jsonHoldsTheWholeTree() throws {
    let text = try replay(twoAnswers).export(as: .json, name: SessionName("x"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["name"] as? String == "x")
    #expect(object["branch"] as? [Int] == [1, 2, 4])
    let nodes = try #require(object["nodes"] as? [[String: Any]])
    #expect(nodes.map { $0["content"] as? String } == ["Be brief.", "Why?", "Because.", "No."])
    #expect(nodes[2]["tokens"] as? [Int] == [5, 6, 7])
    #expect((nodes[3]["statistics"] as? [String: Any])?["stop"] as? String == "interrupted")
    #expect(
      ((nodes[3]["plan"] as? [String: Any])?["drop"] as? [String: Any])?["attention"] as? [Int] == [1, 2])
    #expect(nodes[1]["tokens"] == nil)
  }

  @Test func anEmptySessionExports() throws {
    for format in SessionFormat.allCases {
      #expect(try Replay(Data(), path: "x").export(as: format, name: SessionName("x")).hasSuffix("\n"))
    }
  }

  /// The session that comes with the sources is read without a note, and is what its README says.
  @Test func theExampleReads() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let store = SessionStore(directory: root.appending(path: "sessions"))
    let replay = try store.read(SessionName("why-is-the-sky-blue"))
    #expect(replay.notes == [])
    let answers = replay.session.conversation.answers(to: 1)
    #expect(answers.map { $0.answer?.plan.drop.attention } == [[], [5, 7]])
    #expect(answers.allSatisfy { $0.answer?.tokenIDs.count == $0.answer?.statistics?.answerTokens })
  }
}
