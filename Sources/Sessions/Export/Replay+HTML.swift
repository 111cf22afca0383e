import Foundation

extension Replay {
  func html(name: SessionName) -> String {
    let title = Self.escape(name.description)
    let date = created.map { "<p class=\"date\">\($0.formatted(.iso8601))</p>\n" } ?? ""
    let mark = contextMark
    let context = mark.map { mark in
      let summary = mark.summary.map { ": " + Self.escape($0.withoutControls) } ?? ""
      return "<p class=\"context\">\(mark.text)\(summary)</p>\n"
    }
    let body = turns.map { node, others in
      var text = Self.article(node, isLeftOut: mark?.leftOut.contains(node.id) == true)
      if let mark, let context, mark.node == node.id { text = context + text }
      if !others.isEmpty {
        let count = others.count == 1 ? "another answer" : "\(others.count) other answers"
        text +=
          "<details>\n<summary>\(count)</summary>\n\(others.map { Self.article($0) }.joined())</details>\n"
      }
      return text
    }
    // The policy forbids scripts and everything from elsewhere, should escaping ever have a hole.
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      :root { color-scheme: light dark; }
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
      article { border-left: 3px solid #8888; margin: 1.2rem 0; padding-left: 1rem; }
      article.user { border-color: #d08000; }
      article.assistant { border-color: #2080c0; }
      h2 { font-size: 1rem; margin: 0; }
      .figures, .date { color: #888; font-size: .85rem; margin: 0; }
      .text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
      article.left-out { opacity: .6; }
      .context { border-top: 1px dashed #8888; color: #888; font-size: .85rem; white-space: pre-wrap; }
      details { margin-left: 1rem; }
      details.thought { margin: .3rem 0; color: #888; }
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(date)\(body.joined())\(mark?.node == nil ? context ?? "" : "")</body>
      </html>

      """
  }

  private static func article(_ node: Conversation.Node, isLeftOut: Bool = false) -> String {
    let figures = node.figures.map { "<p class=\"figures\">\(escape($0))</p>\n" } ?? ""
    let thought =
      node.reasoning.isEmpty
      ? ""
      : "<details class=\"thought\">\n<summary>thought</summary>\n<div class=\"text\" dir=\"auto\">"
        + "\(escape(node.reasoning.withoutControls))</div>\n</details>\n"
    return """
      <article class="\(node.role.rawValue)\(isLeftOut ? " left-out" : "")">
      <h2>\(escape(node.speaker))</h2>
      \(figures)\(thought)<div class="text" dir="auto">\(escape(node.content.withoutControls))</div>
      </article>

      """
  }

  private static func escape(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: String(character)
      }
    }.joined()
  }
}
