import Engine
import Foundation
import Inference
import Synchronization

@testable import Interface

/// An engine that answers from a script, on a thread of its own as the real one does.
final class FakeEngine: ChatEngine {
  private struct Content {
    var events: [EngineEvent] = []
    var commands: [EngineCommand] = []
    var answers: [String]
    var isInterrupted = false
  }

  private let content: Mutex<Content>
  private let wake: @Sendable () -> Void
  private let queue = DispatchQueue(label: "fake engine")
  private let layers = 30
  /// Paths that cannot be opened.
  private let broken: Set<String>

  init(answers: [String], broken: Set<String> = [], wake: @escaping @Sendable () -> Void) {
    content = Mutex(Content(answers: answers))
    self.broken = broken
    self.wake = wake
  }

  /// All commands so far.
  var commands: [EngineCommand] { content.withLock { $0.commands } }

  func send(_ command: EngineCommand) {
    content.withLock { $0.commands.append(command) }
    queue.async { self.run(command) }
  }

  func interrupt() { content.withLock { $0.isInterrupted = true } }

  func watch(_ watch: Watch?) {}
  func stopAnalyses() {}

  func drain() -> [EngineEvent] {
    content.withLock { content in
      defer { content.events = [] }
      return content.events
    }
  }

  private func post(_ event: EngineEvent) {
    content.withLock { $0.events.append(event) }
    wake()
  }

  private func run(_ command: EngineCommand) {
    switch command {
    case .load(let path, _):
      guard !broken.contains(path) else {
        return post(.failed(.load, message: "\(path): is not a GGUF file"))
      }
      post(
        .loaded(
          ModelSummary(
            name: "Fake", path: path, architecture: "llama", fileType: "F32", layers: layers,
            parameters: 1000,
            context: 512, threads: 1, kernels: "none")))
    case .use(let plan):
      post(
        .planInUse(
          PlanFigures(
            plan: plan, bitsPerWeight: 32, layerBitsPerWeight: [], weightBytesPerToken: 4000,
            kvBytesPerPosition: 1, baselineWeightBytesPerToken: 4000, seconds: 0)))
    case .answer(let request): answer(request)
    case .recall: break
    case .tokenize: post(.prompt([PromptToken(id: 1, text: "<s>", isControl: true)]))
    case .analyse: post(.analysis(.ended(.failed("there is nothing to measure here"))))
    }
  }

  private func answer(_ request: AnswerRequest) {
    content.withLock { $0.isInterrupted = false }
    let text = content.withLock { $0.answers.isEmpty ? "…" : $0.answers.removeFirst() }
    var stop = StopReason.endOfTurn
    var count = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      // “forever” does not end by itself.
      repeat {
        if content.withLock({ $0.isInterrupted }) { stop = .interrupted }
        if word == "forever" { Thread.sleep(forTimeInterval: 0.001) }
      } while word == "forever" && stop != .interrupted
      guard stop == .endOfTurn else { break }
      count += 1
      let token = AnswerToken(
        id: word.hashValue & 0xFFFF, text: count == 1 ? "\(word)" : " \(word)", logProbability: 0)
      post(.answerText(id: request.id, tokens: [token]))
    }
    post(
      .answerFinished(
        id: request.id,
        AnswerStatistics(
          promptTokens: 1, reusedTokens: 0, answerTokens: count, prefillTokensPerSecond: 100,
          decodeTokensPerSecond: 50, firstTokenSeconds: 0.01, stop: stop)))
  }
}
