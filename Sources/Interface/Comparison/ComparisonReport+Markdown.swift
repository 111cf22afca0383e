import IO

extension ComparisonReport {
  /// The report in Markdown.
  package func markdown() -> String {
    var lines = ["# Comparison of plans", "", about.onOneLine, ""]
    lines += ["| | plan | |", "|---|---|---|"]
    lines += plans.map { plan in
      "| \(plan.letter) | \(Self.cell(plan.name)) | \(Self.cell(plan.figures.joined(separator: " · "))) |"
    }
    if !means.isEmpty {
      lines += ["", "## Means", "", "\(prompts.count) prompts; \(Self.intervals).", ""]
      lines += means.map { "- \($0.letter): " + $0.figures.joined(separator: " · ") }
    }
    for (index, prompt) in prompts.enumerated() {
      lines += ["", prompts.count > 1 ? "## Prompt \(index + 1)" : "## The prompt", ""]
      lines += Self.quoted(prompt.text)
      if let first = prompt.pairs.first {
        lines += ["", "### A", ""] + Self.quoted(first.first.text)
      }
      for pair in prompt.pairs {
        lines += ["", "### \(pair.letter)", ""] + Self.quoted(pair.second.text)
        lines += ["", pair.verdict.map { Self.escaped($0.onOneLine) }.joined(separator: " · ")]
        for (name, text) in [("A", pair.first), (pair.letter, pair.second)] {
          let worst = text.divergence.worst(Self.worst)
          if worst.isEmpty { continue }
          lines += ["", "Tokens of the largest KL in \(name)'s text:", ""]
          lines += worst.map { "- \($0): " + Self.escaped(text.line($0, pair.letter).onOneLine) }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A text as a block of code, which shows it as it is.
  private static func quoted(_ text: String) -> [String] {
    let lines = text.sanitized.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // A fence longer than any in the text.
    let longest = lines.map { $0.drop { $0 == " " }.prefix { $0 == "`" }.count }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return [fence] + lines + [fence]
  }

  private static func cell(_ text: String) -> String { escaped(text.onOneLine) }

  /// Text of others without effect in Markdown.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\`*_[]<>|#&!".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }
}
