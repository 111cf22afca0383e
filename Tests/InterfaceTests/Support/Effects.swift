import Analysis
import Engine
import Inference
import Sessions

@testable import Interface

/// Effects by what they are, for expectations.
extension [Effect] {
  var journalled: [SessionEvent] {
    compactMap { if case .journal(let event, _) = $0 { event } else { nil } }
  }

  var plansInUse: [Plan] {
    compactMap { if case .engine(.use(let plan)) = $0 { plan } else { nil } }
  }

  var requests: [AnswerRequest] {
    compactMap { if case .engine(.answer(let request)) = $0 { request } else { nil } }
  }

  var recalled: [[ChatMessage]] {
    compactMap { if case .engine(.recall(let messages, _)) = $0 { messages } else { nil } }
  }

  var watches: [Watch?] { compactMap { if case .watch(let watch) = $0 { watch } else { nil } } }
  var saved: [(text: String, path: String)] {
    compactMap { if case .save(let text, let path, _) = $0 { (text, path) } else { nil } }
  }

  var terminal: [TerminalEffect] {
    compactMap { if case .terminal(let effect) = $0 { effect } else { nil } }
  }
  var inputs: [String] {
    terminal.compactMap { if case .setInput(let text) = $0 { text } else { nil } }
  }
  var copies: [String] { terminal.compactMap { if case .copy(let text, _) = $0 { text } else { nil } } }
  var pictures: [String] {
    terminal.compactMap { if case .savePicture(let path) = $0 { path } else { nil } }
  }
  var interrupts: Int { count { if case .interrupt = $0 { true } else { false } } }
  var analyses: [any AnalysisRequest] {
    compactMap { if case .analyse(let request) = $0 { request } else { nil } }
  }
  var stoppedAnalyses: Int { count { if case .stopAnalysis = $0 { true } else { false } } }
  var keptDamage: [DamageReport] {
    compactMap { if case .keep(let report) = $0 { report as? DamageReport } else { nil } }
  }
  var layouts: [RememberedState.Layout] {
    compactMap { if case .rememberLayout(let layout) = $0 { layout } else { nil } }
  }
  var tokenized: [[ChatMessage]] {
    compactMap { if case .engine(.tokenize(let messages, _)) = $0 { messages } else { nil } }
  }
  var loaded: [String] { compactMap { if case .loadModel(let name) = $0 { name } else { nil } } }
  var pulls: [String] { compactMap { if case .pull(let name) = $0 { name } else { nil } } }
  var stoppedPulls: Int { count { if case .stopPull = $0 { true } else { false } } }
  var inspections: Int { count { if case .inspectModels = $0 { true } else { false } } }
  var quits: Bool { terminal.contains { if case .quit = $0 { true } else { false } } }
  var edits: Int { terminal.count { if case .edit = $0 { true } else { false } } }
}
