import Foundation
import Inference

@testable import Sessions

/// A folder that goes when the test does.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "pare-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, as name: String) throws -> URL {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file
  }
}

/// A moment with milliseconds, as journals keep them.
let noon = Date(timeIntervalSince1970: 1_767_268_800.125)

let model = ModelReference(name: "tiny", path: "/models/tiny.gguf")

func plan(dropping layers: Set<Int>) -> Plan {
  var plan = Plan()
  plan.drop.attention = layers
  return plan
}

func statistics(stop: StopReason = .endOfTurn) -> AnswerStatistics {
  AnswerStatistics(
    promptTokens: 12, reusedTokens: 3, answerTokens: 2, prefillTokensPerSecond: 900.5,
    decodeTokensPerSecond: 81.25, firstTokenSeconds: 0.031, stop: stop)
}

/// Asks “Why?”, answers it twice, under the baseline and under a plan.
let twoAnswers: [SessionEvent] = [
  .model(model),
  .message(id: 1, parent: nil, role: .system, content: "Be brief."),
  .message(id: 2, parent: 1, role: .user, content: "Why?"),
  .answerBegan(id: 3, parent: 2, model: model, plan: .baseline, sampling: SamplingOptions()),
  .answerText(id: 3, text: "Be", tokenIDs: [5]),
  .answerText(id: 3, text: "cause.", tokenIDs: [6, 7]),
  .answerEnded(id: 3, statistics()),
  .plan(plan(dropping: [1, 2])),
  .answerBegan(id: 4, parent: 2, model: model, plan: plan(dropping: [1, 2]), sampling: SamplingOptions()),
  .answerText(id: 4, text: "No.", tokenIDs: [8]),
  .answerEnded(id: 4, statistics(stop: .interrupted)),
]

extension Session {
  func applying(_ events: [SessionEvent]) throws -> Session {
    var session = self
    for event in events { try session.apply(event, at: noon) }
    return session
  }
}

func session(_ events: [SessionEvent]) throws -> Session {
  var session = Session()
  for event in events { try session.apply(event, at: noon) }
  return session
}
