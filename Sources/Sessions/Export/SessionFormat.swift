import Foundation
import Inference

/// The forms that a session can be written out in.
public enum SessionFormat: String, Sendable, CaseIterable {
  /// The current branch as Markdown, with the other answers to each prompt.
  case markdown = "md"
  /// Everything, for programs.
  case json
  /// The current branch as one page that needs no other file, with the other answers to each prompt.
  case html

  /// By the ending of a file's name; nil for another.
  public init?(path: String) {
    self.init(rawValue: (path as NSString).pathExtension.lowercased())
  }
}

extension Replay {
  /// The session in another form, ending in a line end. Text of people and models is escaped, so that it can
  /// neither pass for the document's own structure nor run in a browser.
  public func export(as format: SessionFormat, name: SessionName) -> String {
    switch format {
    case .markdown: markdown(name: name)
    case .json: json(name: name)
    case .html: html(name: name)
    }
  }

  /// The current branch, each message with its other versions.
  var turns: [(node: Conversation.Node, others: [Conversation.Node])] {
    session.conversation.path().map { node in
      (
        node,
        session.conversation.siblings(of: node.id).filter {
          $0.id != node.id && $0.answer != nil && node.answer != nil
        }
      )
    }
  }
}

extension Conversation.Node {
  /// The name of the speaker.
  public var speaker: String {
    switch role {
    case .system: "system"
    case .user: "you"
    case .assistant: answer?.model.name.printable ?? "an answer by you"
    }
  }

  /// The answer's figures in one line: plan, speed, the reason why it ended.
  public var figures: String? {
    guard let answer else { return nil }
    var parts = [answer.plan.description]
    parts += answer.planChanges.map { "after \($0.tokens) tokens \($0.plan)" }
    if let statistics = answer.statistics {
      parts.append("\(statistics.answerTokens) tokens")
      parts.append("\(Int(nearest: statistics.decodeTokensPerSecond)) tok/s")
      if let thought = statistics.thought {
        parts.append("\(thought.tokens) of thought in \(String(format: "%.1f", thought.seconds)) s")
      }
      if let loop = statistics.loop { parts.append("repeats itself from token \(loop.from)") }
      if statistics.stop != .endOfTurn { parts.append(statistics.stop.rawValue.replacing("_", with: " ")) }
    }
    if let failure = answer.failure { parts.append(failure) }
    return parts.joined(separator: " · ").withoutControls.replacing("\n", with: " ")
  }
}

extension String {
  /// Without control characters, which no document may hold; line ends and tabs stay.
  var withoutControls: String {
    let kept = replacing("\r\n", with: "\n").unicodeScalars.filter {
      $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
    }
    return String(String.UnicodeScalarView(kept))
  }
}
