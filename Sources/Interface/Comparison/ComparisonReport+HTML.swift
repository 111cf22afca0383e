import Foundation
import IO
import Sessions
import Terminal

extension ComparisonReport {
  /// The report as one page without script, and with nothing from elsewhere. A policy in the page forbids both:
  /// all text of models and people is escaped besides.
  package func html() -> String {
    let style = Self.style
    let policy =
      "default-src 'none'; style-src '\(FileHash.source(style))'; base-uri 'none'; form-action 'none'"
    var parts = [
      "<!DOCTYPE html>", #"<html lang="en">"#, "<head>", #"<meta charset="utf-8"/>"#,
      "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\"/>",
      #"<meta name="viewport" content="width=device-width, initial-scale=1"/>"#,
      "<title>Comparison of plans</title>", "<style>\(style)</style>", "</head>", "<body>",
      "<h1>Comparison of plans</h1>", "<p class=\"about\">\(Self.text(about))</p>", plansTable,
    ]
    parts.append(legend)
    if !means.isEmpty {
      parts.append("<h2>Means</h2><p>\(prompts.count) prompts; \(Self.text(Self.intervals)).</p><ul>")
      parts += means.map { "<li>\($0.letter): \(Self.text($0.figures.joined(separator: " · ")))</li>" }
      parts.append("</ul>")
    }
    for (index, prompt) in prompts.enumerated() {
      parts.append("<section><h2>\(prompts.count > 1 ? "Prompt \(index + 1)" : "The prompt")</h2>")
      parts.append("<blockquote>\(Self.text(prompt.text))</blockquote>")
      for pair in prompt.pairs { parts.append(Self.section(pair, place: "p\(index + 1)\(pair.letter)")) }
      parts.append("</section>")
    }
    return (parts + ["</body>", "</html>"]).joined(separator: "\n") + "\n"
  }

  private var plansTable: String {
    let rows = plans.map { plan in
      "<tr><th>\(plan.letter)</th><td>\(Self.text(plan.name))</td>"
        + "<td>\(Self.text(plan.figures.joined(separator: " · ")))</td></tr>"
    }
    return "<table>" + rows.joined() + "</table>"
  }

  /// The shades, from no KL to the most.
  private var legend: String {
    let swatches = (0..<Shade.steps).map { "<span class=\"k\($0)\">\u{A0}</span>" }.joined()
    return "<p class=\"legend\">KL(A ‖ other) in nats on the same text: 0 \(swatches) "
      + "\(Figures.fixed(KLScale.most, 0)) and more; <span class=\"kn\">NaN</span> is no number. "
      + "Point at a word for what each plan says there.</p>"
  }

  private static func section(_ pair: Pair, place: String) -> String {
    let verdict = pair.verdict.map { text($0) }.joined(separator: " · ")
    let columns = [("A", "a", pair.first), (pair.letter, "b", pair.second)].map { name, side, scored in
      let id = place + side
      return
        "<div class=\"answer\"><h4>\(name)</h4><div class=\"text\">\(words(scored, pair.letter, id: id))</div>"
        + line(scored) + worst(scored, pair.letter, id: id) + "</div>"
    }
    return "<h3>A and \(pair.letter)</h3><p class=\"verdict\">\(verdict)</p>"
      + "<div class=\"pair\">\(columns.joined())</div>"
  }

  /// The tokens of a text, shaded.
  private static func words(_ scored: ScoredText, _ other: String, id: String) -> String {
    let tokens = scored.divergence.tokens
    return scored.pieces.indices.map { index in
      let piece = text(scored.pieces[index])
      guard tokens.indices.contains(index), let readOut = scored.readOut(index, other) else { return piece }
      let shade =
        switch Shade(KLScale.fraction(tokens[index].kl)) {
        case .step(let step): "k\(step)"
        case .notANumber: "kn"
        }
      let thought = scored.parts[index] == .reasoning ? " thought" : ""
      let note = text("\(index) \(scored.label(index)) · " + readOut.joined(separator: " · "))
      return "<span id=\"\(id)\(index)\" class=\"\(shade)\(thought)\" title=\"\(note)\">\(piece)</span>"
    }.joined()
  }

  private static func worst(_ scored: ScoredText, _ other: String, id: String) -> String {
    let worst = scored.divergence.worst(Self.worst)
    if worst.isEmpty { return "<p class=\"about\">No token has a KL.</p>" }
    let items = worst.map { "<li><a href=\"#\(id)\($0)\">\($0)</a> \(text(scored.line($0, other)))</li>" }
    return "<ol>" + items.joined() + "</ol>"
  }

  /// KL along the text, as bars; what is no number reaches to the top in another colour.
  private static func line(_ scored: ScoredText) -> String {
    let tokens = scored.divergence.tokens
    guard !tokens.isEmpty else { return "" }
    let height = 24.0
    let bars = tokens.enumerated().map { index, token in
      let isNumber = !token.kl.isNaN
      let bar = isNumber ? max(0.5, height * KLScale.fraction(token.kl)) : height
      return
        "<rect class=\"\(isNumber ? "bar" : "nan")\" x=\"\(index)\" y=\"\(Figures.fixed(height - bar, 2))\" "
        + "width=\"1\" height=\"\(Figures.fixed(bar, 2))\"/>"
    }
    return "<svg viewBox=\"0 0 \(tokens.count) \(Int(height))\" preserveAspectRatio=\"none\" role=\"img\" "
      + "aria-label=\"KL along the answer\">\(bars.joined())</svg>"
  }

  /// Text of others as content or attribute; line breaks stay.
  private static func text(_ text: String) -> String {
    text.sanitized.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.replacing("\t", with: "    ").escapedForXML }.joined(separator: "\n")
  }

  private static let style: String = {
    let shades = (0..<Shade.steps).map { step in
      guard step > 0 else { return ".k0{}" }
      let color = RGB(at: (Double(step) + 0.5) / Double(Shade.steps), through: Ramp.viridisAnchors)
      return ".k\(step){background:\(color.hex);color:\(color.lightness > 50 ? "#000" : "#fff")}"
    }
    return """
      :root{color-scheme:light dark}
      body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
      h1,h2,h3,h4{line-height:1.2}
      table{border-collapse:collapse}
      td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
      .about,.legend{opacity:.8}
      .legend span{padding:0 .2rem}
      blockquote,.text{white-space:pre-wrap;overflow-wrap:anywhere}
      blockquote{margin:0;padding-left:1rem;border-left:.25rem solid #8888}
      .verdict{font-weight:600}
      .pair{display:flex;flex-wrap:wrap;gap:2rem}
      .answer{flex:1 1 24rem;min-width:0}
      .thought{font-style:italic}
      .kn{background:#b00020;color:#fff}
      span:target{outline:3px solid #e6550d}
      svg{width:100%;height:2rem;margin-top:.5rem}
      .bar{fill:#35b779}
      .nan{fill:#b00020}
      ol{font-size:.9rem;padding-left:2rem}

      """ + shades.joined(separator: "\n")
  }()
}
