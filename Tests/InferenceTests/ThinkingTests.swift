import TestModels
import Testing
import Tokenization

@testable import Inference

/// Answers of a model that thinks: see ``Thinker``.
@Suite struct ThinkingTests {
  static let question = [ChatMessage(role: .user, content: "this or that?")]

  struct Answer: Equatable {
    var reasoning = "", content = ""
    var ids: [Int] = []
  }

  private func withModel<Result>(_ thinker: Thinker, _ body: (InferenceContext) throws -> Result) throws
    -> Result
  {
    try TinyModel.thinking(thinker).withFile { path in
      try body(InferenceContext(Model(path: path), threads: 1, context: 512))
    }
  }

  private func answer(
    _ context: InferenceContext, _ messages: [ChatMessage] = question, think: Think? = nil,
    budget: Int? = nil,
    most: Int? = nil, continuing beginning: AnswerBeginning? = nil
  ) throws -> (Answer, AnswerStatistics) {
    var sampling = SamplingOptions()
    (sampling.think, sampling.thinkBudget) = (think, budget)
    let format = context.model.chatFormat
    var answer = Answer()
    let run = try AnswerRun(
      context, try format.tokens(messages, choices: sampling.prompt, continuing: beginning),
      sampling: sampling,
      maximumTokens: most, isPlain: false, thinking: format.thinking, continuing: beginning,
      progress: { _ in true }
    ) { token, _ in
      if token.part == .reasoning { answer.reasoning += token.text } else { answer.content += token.text }
      if token.id >= 0 { answer.ids.append(token.id) }
    }
    while !run.isOver { try run.step() }
    return (answer, run.statistics)
  }

  static let thinkers: [Thinker] = {
    var opened = Thinker(), control = Thinker(), text = Thinker()
    opened.isOpenedByTemplate = true
    (control.opening, control.closing, control.hasControlMarkers) = ("[THINK]", "[/THINK]", true)
    (text.opening, text.closing) = ("<seed:think>", "</seed:think>")
    return [Thinker(), opened, control, text]
  }()

  @Test(arguments: thinkers) func thoughtAndContentAreApart(thinker: Thinker) throws {
    try withModel(thinker) { context in
      let (answer, statistics) = try answer(context)
      #expect(answer.reasoning == thinker.thoughtText && answer.content == thinker.answerText)
      let thought = try #require(statistics.thought)
      #expect(thought.tokens == thinker.thoughtTokens)
      #expect(statistics.contentTokens == thinker.answerTokens)
      #expect(statistics.answerTokens == answer.ids.count && statistics.stop == .endOfTurn)
      #expect(thought.firstContentSeconds ?? 0 >= statistics.firstTokenSeconds)
    }
  }

  @Test(arguments: thinkers) func itCanBeSwitchedOff(thinker: Thinker) throws {
    try withModel(thinker) { context in
      #expect(context.summary.thinking?.choices == [.on, .off])
      #expect(context.summary.refusal(of: .off) == nil)
      let (answer, statistics) = try answer(context, think: .off)
      #expect(answer.reasoning == "" && answer.content == thinker.answerText && statistics.thought == nil)
      #expect(try self.answer(context, think: .high).0.reasoning == thinker.thoughtText)
    }
  }

  @Test func whatCannotBeSwitchedSaysSo() throws {
    var thinker = Thinker()
    thinker.hasSwitch = false
    try withModel(thinker) { context in
      #expect(context.summary.thinking?.choices == [])
      #expect(context.summary.refusal(of: .off)?.contains("think_budget") == true)
      let (answer, _) = try answer(context, think: .off)
      #expect(answer.reasoning == thinker.thoughtText)
    }
    try TinyModel.llama().withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 1, context: 512)
      #expect(context.summary.thinking == nil && context.summary.refusal(of: .off) == nil)
      #expect(context.summary.refusal(of: .on)?.contains("does not think") == true)
    }
  }

  @Test(arguments: thinkers) func aBudgetClosesTheThought(thinker: Thinker) throws {
    try withModel(thinker) { context in
      let whole = try answer(context).0
      for budget in 0...thinker.thought.count {
        let (answer, statistics) = try answer(context, budget: budget)
        let text = thinker.thought.prefix(budget).joined()
        #expect(answer.reasoning.hasPrefix(text) && answer.content == thinker.answerText, "\(budget)")
        #expect(answer.reasoning.count <= text.count + 1)
        #expect(statistics.thought != nil)
        // No more than was thought and what closes it.
        #expect(answer.ids.count <= whole.ids.count + 2)
      }
      #expect(try answer(context, budget: 1000).0 == whole)
    }
  }

  @Test func aThoughtThatDoesNotEndIsClosed() throws {
    var thinker = Thinker()
    thinker.neverEnds = true
    try withModel(thinker) { context in
      let (answer, statistics) = try answer(context, budget: 40)
      #expect(answer.content == thinker.answerText && statistics.stop == .endOfTurn)
      #expect(try self.answer(context, most: 60).1.stop == .length)
    }
  }

  /// An answer that stopped anywhere goes on as if it had not.
  @Test(arguments: thinkers) func goesOnFromAnywhere(thinker: Thinker) throws {
    try withModel(thinker) { context in
      let whole = try answer(context).0
      for cut in 1..<whole.ids.count {
        let beginning = try answer(context, most: cut).0
        #expect(beginning.ids == Array(whole.ids.prefix(cut)))
        let rest = try answer(context, continuing: AnswerBeginning(tokenIDs: beginning.ids)).0
        #expect(beginning.ids + rest.ids == whole.ids, "\(cut)")
        #expect(beginning.content + rest.content == whole.content, "\(cut)")
        #expect(beginning.reasoning + rest.reasoning == whole.reasoning, "\(cut)")
      }
    }
  }

  /// What people wrote goes on as content, be the template's opening as it may.
  @Test(arguments: thinkers) func textOfPeopleIsNoThought(thinker: Thinker) throws {
    try withModel(thinker) { context in
      let answer = try answer(context, most: 1, continuing: AnswerBeginning(text: "Well")).0
      #expect(answer.reasoning == "")
      let prompt = try context.model.chatFormat.tokens(
        Self.question, continuing: AnswerBeginning(text: "Well"))
      let text = String(decoding: context.model.tokenizer.decode(prompt, special: true), as: UTF8.self)
      #expect(text.hasSuffix(thinker.isOpenedByTemplate ? "\(thinker.closing)\n\nWell" : "assistant\nWell"))
    }
  }

  /// The template gets a thought back under its name, and what was computed stays of use.
  @Test func thoughtsComeBackToTheTemplate() throws {
    let thinker = Thinker()
    try withModel(thinker) { context in
      let format = context.model.chatFormat
      let first = try format.tokens(Self.question), answer = try answer(context).0
      let next = try format.tokens(
        Self.question + [
          ChatMessage(role: .assistant, content: answer.content, reasoning: answer.reasoning),
          ChatMessage(role: .user, content: "and?"),
        ])
      let text = String(decoding: context.model.tokenizer.decode(next, special: true), as: UTF8.self)
      #expect(text.contains("<think>\n\(thinker.thoughtText)\n</think>\n\n\(thinker.answerText)<|im_end|>"))
      #expect(next.starts(with: first))
    }
  }

  @Test func variablesReachTheTemplate() throws {
    try withModel(Thinker()) { context in
      let choices = PromptChoices(think: .on, variables: ["enable_thinking": "false"])
      let format = context.model.chatFormat
      let set = try format.tokens(Self.question, choices: choices)
      let off = try format.tokens(Self.question, choices: PromptChoices(think: .off))
      #expect(set == off)
      #expect(PromptChoices.value(of: "false") == .bool(false) && PromptChoices.value(of: "3") == .int(3))
      #expect(PromptChoices.value(of: "null") == .null && PromptChoices.value(of: "a b") == .markup("a b"))
      #expect(PromptChoices.value(of: "\"3\"") == .markup("3"))
    }
  }

  /// Templates that know a budget are told it, unless thinking is off or the variable was set by hand.
  @Test func templatesAreToldTheBudget() {
    var options = SamplingOptions()
    #expect(options.prompt.variables["thinking_budget"] == nil)
    options.thinkBudget = 512
    #expect(options.prompt.variables["thinking_budget"] == "512")
    options.templateVariables = ["thinking_budget": "64"]
    #expect(options.prompt.variables["thinking_budget"] == "64")
    options.templateVariables = [:]
    options.think = .off
    #expect(options.prompt.variables["thinking_budget"] == nil)
    (options.think, options.thinkBudget) = (.on, 0)
    #expect(options.prompt.variables["thinking_budget"] == nil)
  }
}
