import Foundation

extension Replay {
  func markdown(name: SessionName) -> String {
    var text = "# \(Self.escape(name.description))\n"
    if let created { text += "\n\(created.formatted(.iso8601))\n" }
    let mark = contextMark
    let context = mark.map { mark in
      "\n---\n\n*\(mark.text)*\n" + (mark.summary.map { "\n" + Self.quote($0.withoutControls) } ?? "")
    }
    for (node, others) in turns {
      if let mark, let context, mark.node == node.id { text += context }
      text += "\n" + Self.section(node, heading: "## \(Self.escape(node.speaker))")
      for other in others {
        text += "\n" + Self.section(other, heading: "### another answer of \(Self.escape(other.speaker))")
      }
    }
    // Where nothing of the branch is remembered.
    if mark?.node == nil, let context { text += context }
    return text
  }

  /// A message becomes a block quote: Markdown in it stays Markdown, but no heading or unclosed fence in it
  /// can affect the text after it.
  private static func section(_ node: Conversation.Node, heading: String) -> String {
    let figures = node.figures.map { "\n*\(escape($0))*\n" } ?? ""
    let thought =
      node.reasoning.isEmpty
      ? "" : "\n*Thought:*\n\n" + quote(node.reasoning.withoutControls, mark: "> >") + "\n*Answer:*\n"
    return heading + "\n" + figures + thought + "\n" + quote(node.content.withoutControls)
  }

  private static func quote(_ text: String, mark: String = ">") -> String {
    var fence: (mark: Character, count: Int)?
    var quoted = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      let first = trimmed.first
      let run = trimmed.prefix { $0 == first }.count
      let isFence = (first == "`" || first == "~") && run >= 3
      if let open = fence {
        if isFence, first == open.mark, run >= open.count, trimmed.dropFirst(run).allSatisfy({ $0 == " " }) {
          fence = nil
        }
        quoted += "\(mark) \(line)\n"
      } else {
        if isFence, let first { fence = (first, run) }
        quoted += mark + " " + (isFence ? String(line) : escapeTags(line)) + "\n"
      }
    }
    return quoted
  }

  /// Keeps HTML in the text from being HTML in the page, outside of code, where it is text anyway.
  private static func escapeTags(_ line: Substring) -> String {
    var escaped = ""
    var rest = line
    while let character = rest.first {
      if character == "`" {
        let run = rest.prefix { $0 == "`" }
        // A span of code ends with as many backticks as it began with.
        if let end = rest.dropFirst(run.count).firstRange(of: run), rest[end.upperBound...].first != "`" {
          escaped += rest[..<end.upperBound]
          rest = rest[end.upperBound...]
        } else {
          escaped += run
          rest = rest.dropFirst(run.count)
        }
        continue
      }
      escaped += character == "<" ? "&lt;" : String(character)
      rest.removeFirst()
    }
    return escaped
  }

  private static func escape(_ text: String) -> String {
    text.map { "\\`*_{}[]<>#|!&".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
