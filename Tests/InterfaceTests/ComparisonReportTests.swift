import Foundation
import FoundationXML
import Terminal
import Testing

@testable import Analysis
@testable import Inference
@testable import Interface

/// Reports of comparisons: text of models and people is data in them.
@Suite struct ComparisonReportTests {
  private static let evil =
    "</span><script>alert(1)</script> <img src=x onerror=y> & \"q\" `c` **b**\n| \u{1B}[31m"

  private func text(_ pieces: [String], kl: [Double]) -> ScoredText {
    let tokens = kl.map { value in
      TokenDivergence(
        divergence: Divergence(kl: value, js: value / 3, sameTop: false),
        first: .init(logProbability: -1, rank: 2, top: 1, topLogProbability: -0.5),
        second: .init(
          logProbability: -1, rank: value.isNaN ? nil : 4, top: 2,
          topLogProbability: value.isNaN ? .nan : -0.6))
    }
    var text = ScoredText(
      pieces: pieces, parts: pieces.map { _ in .content },
      AnswerDivergence(prompt: [1], answer: pieces.map { _ in 5 }, tokens: tokens))
    text.names = [1: "<b>", 2: "&amp;\n"]
    return text
  }

  private var report: ComparisonReport {
    var report = ComparisonReport(about: "tiny <model> · seed 7")
    report.plans = [
      .init(letter: "A", name: "baseline", figures: ["tiny"]),
      .init(letter: "B", name: Self.evil, figures: ["x|y"]),
    ]
    report.means = [.init(letter: "B", figures: ["KL 0.1 ± 0.2"])]
    let first = text(["one", " two", "\n", Self.evil], kl: [0, 0.5, 0.01, 3])
    let second = text(["one", Self.evil], kl: [.nan, .infinity])
    let pair = ComparisonReport.Pair(
      letter: "B", first: first, second: second, verdict: ["far & away", Self.evil])
    report.prompts = [.init(text: Self.evil, pairs: [pair]), .init(text: "plain", pairs: [pair])]
    return report
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var names: [String: Int] = [:]
    var attributes: Set<String> = []
    var ids: [String] = [], targets: [String] = [], titles: [String] = []
    var text = ""
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes found: [String: String] = [:]
    ) {
      names[name, default: 0] += 1
      attributes.formUnion(found.keys)
      if let id = found["id"] { ids.append(id) }
      if let target = found["href"] { targets.append(target) }
      if let title = found["title"] { titles.append(title) }
    }
    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  @Test func thePageIsWellFormedAndHoldsNothingForeign() throws {
    let html = report.html()
    let parser = XMLParser(data: Data(html.utf8))
    let reader = Reader()
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(reader.names["script"] == nil && reader.names["img"] == nil && reader.names["section"] == 2)
    #expect(reader.attributes.isDisjoint(with: ["onerror", "src", "style"]))
    #expect(html.contains("default-src 'none'; style-src 'sha256-"))
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("\u{1B}"))
    // All jumps lead somewhere, and no two places have one name.
    #expect(Set(reader.ids).count == reader.ids.count)
    #expect(!reader.targets.isEmpty && reader.targets.allSatisfy { $0.first == "#" })
    #expect(Set(reader.targets.map { String($0.dropFirst()) }).isSubset(of: reader.ids))
    // What was said is there as it was said, but for what commands a terminal.
    #expect(
      reader.text.contains("</span><script>alert(1)</script> <img src=x onerror=y> & \"q\" `c` **b**\n| [31m")
    )
    #expect(reader.text.contains("Student's t") && reader.titles.contains { $0.contains("KL NaN") })
    #expect(html.contains("class=\"kn\"") && html.contains("KL ∞") && html.contains("class=\"k15\""))
    #expect(!html.contains("KL 0.000 · JS NaN"))
  }

  @Test func markdownHoldsTextAsText() {
    let markdown = report.markdown()
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
    // Fences come in pairs, and what is between them is as it was said.
    #expect(lines.count { $0.hasPrefix("```") }.isMultiple(of: 2))
    #expect(
      markdown.contains("| B | \\</span\\>") && markdown.contains("x\\|y") && !markdown.contains("\u{1B}"))
    #expect(markdown.contains("KL NaN") && markdown.contains("± 0.2") && markdown.contains("## Prompt 2"))
    var fenced = ComparisonReport(about: "")
    fenced.prompts = [.init(text: "```\nx\n````", pairs: [])]
    #expect(fenced.markdown().contains("`````\n```\nx\n````\n`````"))
  }
}
