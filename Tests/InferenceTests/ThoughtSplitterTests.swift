import GGUF
import Templates
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Thought and content of answers, cut anywhere.
@Suite struct ThoughtSplitterTests {
  /// A vocabulary of single bytes, with tokens of its own.
  struct Vocabulary {
    let tokenizer: Tokenizer
    private let spellings: [String]

    /// - Parameters:
    ///   - control: Tokens that have no text.
    ///   - defined: Tokens of the file's maker, which have one.
    ///   - pieces: Further texts that are tokens.
    init(control: [String] = [], defined: [String] = [], pieces: [[UInt8]] = []) throws {
      var metadata = TinyModel.llama().metadata
      let bytes = (0...255).map { Self.spelled([UInt8($0)]) }
      let words = Set(pieces.map(Self.spelled)).subtracting(bytes).sorted()
      spellings = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + control + defined + bytes + words
      let steering = 3 + control.count
      metadata["tokenizer.ggml.tokens"] = .array(MetadataArray(spellings))
      metadata["tokenizer.ggml.token_type"] = .array(
        MetadataArray(
          spellings.indices.map { Int32($0 < steering ? 3 : $0 < steering + defined.count ? 4 : 1) }))
      tokenizer = try Tokenizer(metadata: metadata)
    }

    /// As byte-level vocabularies spell bytes.
    private static func spelled(_ bytes: [UInt8]) -> String {
      var other = 0
      let table = (0..<256).map { byte -> Character in
        let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
        defer { other += isPrintable ? 0 : 1 }
        return Character(UnicodeScalar(UInt32(isPrintable ? byte : 256 + other))!)
      }
      return String(bytes.map { table[Int($0)] })
    }

    func token(_ bytes: some Sequence<UInt8>) -> Int { spellings.firstIndex(of: Self.spelled(Array(bytes)))! }

    /// Special tokens where the text has their spelling, single bytes elsewhere.
    func tokens(_ text: String) -> [Int] { tokenizer.encode([TextRun(text, isMarkup: true)]).map(Int.init) }

    /// Single bytes alone.
    func letters(_ text: String) -> [Int] { text.utf8.map { token([$0]) } }
  }

  struct Parts: Equatable {
    var reasoning = "", content = ""

    mutating func add(_ token: AnswerToken) {
      if token.part == .reasoning { reasoning += token.text } else { content += token.text }
    }
  }

  /// The parts of tokens, given one at a time.
  private func split(
    _ tokens: [Int], _ format: ThinkingFormat?, _ tokenizer: Tokenizer, after prompt: [Int] = []
  ) -> Parts {
    var splitter = ThoughtSplitter(format, tokenizer, prompt: prompt.map { Token($0) }), parts = Parts()
    for id in tokens {
      let token = splitter.append(AnswerToken(id: id, text: "", logProbability: 0))
      #expect(token.id == id)
      parts.add(token)
    }
    for rest in splitter.finish() {
      #expect(rest.id == -1)
      parts.add(rest)
    }
    return parts
  }

  private static func format(_ source: String, _ tokenizer: Tokenizer) throws -> ThinkingFormat? {
    ThinkingFormat(template: try ChatTemplate(source), tokenizer: tokenizer)
  }

  // MARK: Families

  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// What the template mentions.
    var template: String
    var control: [String] = [], defined: [String] = []
    var prompt = ""
    var answer: String
    var reasoning: String
    var content: String
    var testDescription: String { name }
  }

  static let think = ["<think>", "</think>"]
  static let harmony = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"]
  static let kimi = ["<|open|>", "<|close|>", "<|sep|>"]

  static let cases: [Case] = [
    Case(
      name: "Qwen3", template: "<think></think>", defined: think,
      answer: "<think>\nWeigh it. </think>\n\nFine.", reasoning: "Weigh it.", content: "Fine."),
    Case(
      name: "Qwen3 that does not think", template: "<think></think>", defined: think, answer: "\n Fine.",
      reasoning: "", content: "\n Fine."),
    Case(
      name: "an empty thought", template: "<think></think>", defined: think,
      answer: "<think>\n\n</think>\n\nFine.", reasoning: "", content: "Fine."),
    Case(
      name: "Qwen3.5, R1: opened by the template", template: "<think></think>", defined: think,
      prompt: "<|im_start|>assistant\n<think>\n", answer: "Weigh\n\nit.\n</think>\n\nFine. ",
      reasoning: "Weigh\n\nit.", content: "Fine. "),
    Case(
      name: "opened twice", template: "<think></think>", defined: think, prompt: "<think>\n",
      answer: "<think>\nWeigh.</think>Fine.", reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "opened and closed by the template", template: "<think></think>", defined: think,
      prompt: "<think>\n\n</think>\n\n", answer: "Fine </think> so.", reasoning: "",
      content: "Fine </think> so."
    ),
    Case(
      name: "markers that are no tokens", template: "<think></think>",
      answer: "\n<think>Weigh <it>. < </thin</think> Fine <think> so", reasoning: "Weigh <it>. < </thin",
      content: "Fine <think> so"),
    Case(
      name: "a marker later is text", template: "<think></think>", defined: think,
      answer: "Tags: <think> and </think>.", reasoning: "", content: "Tags: <think> and </think>."),
    Case(
      name: "a closing marker alone is text", template: "<think></think>", defined: think,
      answer: "</think>Fine.", reasoning: "", content: "</think>Fine."),
    Case(
      name: "an opening marker in a thought is text", template: "<think></think>", defined: think,
      answer: "<think>A <think> in it</think>Fine.", reasoning: "A <think> in it", content: "Fine."),
    Case(
      name: "a thought that is cut off", template: "<think></think>", defined: think,
      answer: "<think>\nWeigh",
      reasoning: "Weigh", content: ""),
    Case(
      name: "a thought that is cut off in a marker", template: "<think></think>",
      answer: "<think>\nWeigh </thi",
      reasoning: "Weigh </thi", content: ""),
    Case(
      name: "Ministral", template: "[THINK][/THINK]", control: ["[THINK]", "[/THINK]"],
      answer: "[THINK]Weigh.[/THINK]Fine.", reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "a control marker later is text", template: "[THINK][/THINK]", control: ["[THINK]", "[/THINK]"],
      answer: "Fine [/THINK].", reasoning: "", content: "Fine [/THINK]."),
    Case(
      name: "Gemma 4", template: "<|channel><channel|>", defined: ["<|channel>", "<channel|>"],
      answer: "<|channel>thought\nWeigh.\n<channel|>Fine.", reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "Cohere", template: "<|START_THINKING|><|END_THINKING|>",
      control: ["<|START_THINKING|>", "<|END_THINKING|>", "<|START_TEXT|>", "<|END_TEXT|>"],
      prompt: "<|START_THINKING|>",
      answer: "Weigh.<|END_THINKING|><|START_TEXT|>Fine.<|END_TEXT|>", reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "Command R7B", template: "<|START_THINKING|><|END_THINKING|><|START_RESPONSE|>",
      control: ["<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>"],
      answer: "<|START_THINKING|>Weigh.<|END_THINKING|><|START_RESPONSE|>Fine.<|END_RESPONSE|>",
      reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "Seed", template: "<seed:think></seed:think>", answer: "<seed:think>Weigh.</seed:think>Fine.",
      reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "Granite 3.3", template: "<think></think> <response></response>",
      answer: "<think>Weigh.</think>\n<response>Fine.</response>", reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "Apriel", template: "Here are my reasoning steps: [BEGIN FINAL RESPONSE]",
      prompt: "Here are my reasoning steps:\n",
      answer: "Weigh.\n[BEGIN FINAL RESPONSE]\nFine.[END FINAL RESPONSE]", reasoning: "Weigh.",
      content: "Fine."),
    Case(
      name: "Solar", template: "assistant<|think|> <|content|>",
      defined: ["<|think|>", "<|begin|>", "<|content|>"],
      answer: "<|think|>Weigh.<|end|><|begin|>assistant<|content|>Fine.", reasoning: "Weigh.",
      content: "Fine."),
    Case(
      name: "Kimi K3", template: "<|open|> 'think'", control: kimi, prompt: "<|open|>think<|sep|>",
      answer: "Weigh.<|close|>think<|sep|><|open|>response<|sep|>Fine.<|close|>response<|sep|>",
      reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "gpt-oss", template: "<|channel|>analysis<|message|>", control: harmony,
      prompt: "<|start|>assistant",
      answer: "<|channel|>analysis<|message|>Weigh.<|end|><|start|>assistant<|channel|>final<|message|>Fine.",
      reasoning: "Weigh.", content: "Fine."),
    Case(
      name: "gpt-oss with all channels", template: "<|channel|>analysis<|message|>", control: harmony,
      prompt: "<|start|>assistant",
      answer:
        "<|channel|>analysis<|message|>One.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait."
        + "<|end|><|start|>assistant<|channel|>analysis<|message|>Two.<|end|><|start|>assistant"
        + "<|channel|>final<|message|>Fine.",
      reasoning: "One.\n\nTwo.", content: "Wait.\n\nFine."),
    Case(
      name: "gpt-oss with a recipient", template: "<|channel|>analysis<|message|>", control: harmony,
      prompt: "<|start|>assistant", answer: " to=functions.f<|channel|>commentary json<|message|>{}",
      reasoning: "", content: "{}"),
    Case(
      name: "gpt-oss that answers at once", template: "<|channel|>analysis<|message|>", control: harmony,
      prompt: "<|start|>assistant", answer: "<|channel|>final<|message|>Fine.", reasoning: "",
      content: "Fine."),
    Case(
      name: "gpt-oss without a header", template: "<|channel|>analysis<|message|>", control: harmony,
      prompt: "<|start|>assistant", answer: "Fine to=x.", reasoning: "", content: "Fine to=x."),
    Case(
      name: "Muse", template: "to=self<|message|>", control: ["<|start|>", "<|message|>", "<|eom|>"],
      prompt: "<|start|>assistant",
      answer: " to=self<|message|>Weigh.<|eom|><|start|>assistant to=user<|message|>Fine.",
      reasoning: "Weigh.", content: "Fine."),
  ]

  @Test(arguments: cases) func familiesAreSplit(_ example: Case) throws {
    let vocabulary = try Vocabulary(control: example.control, defined: example.defined)
    let tokenizer = vocabulary.tokenizer
    let format = try #require(try Self.format(example.template, tokenizer))
    let prompt = vocabulary.tokens(example.prompt), answer = vocabulary.tokens(example.answer)
    let expected = Parts(reasoning: example.reasoning, content: example.content)
    #expect(split(answer, format, tokenizer, after: prompt) == expected)

    // An answer that goes on after a stop at any token.
    for cut in 0...answer.count {
      let beginning = Array(answer[..<cut]), rest = answer[cut...]
      var first = ThoughtSplitter(format, tokenizer, prompt: prompt.map { Token($0) }), parts = Parts()
      for id in beginning { parts.add(first.append(AnswerToken(id: id, text: "", logProbability: 0))) }
      let plain = parts
      var second = ThoughtSplitter(
        format, tokenizer, prompt: (prompt + beginning).map { Token($0) },
        continuing: AnswerBeginning(tokenIDs: beginning))
      for id in rest { parts.add(second.append(AnswerToken(id: id, text: "", logProbability: 0))) }
      for token in second.finish() { parts.add(token) }
      // What was held back as a possible marker at the stop is given out there.
      let atStop = first.finish()
      if atStop.isEmpty { #expect(parts == expected, "cut at \(cut) after \(plain)") }
    }
  }

  /// A text in pieces of any length, with borders inside of characters and markers.
  @Test func anyCutGivesTheSameText() throws {
    let text = Array("\n<think>\nAb é </x</think>\n\nHi <think>…</think>".utf8)
    var pieces: [[UInt8]] = []
    for start in text.indices { for end in start..<text.count { pieces.append(Array(text[start...end])) } }
    let vocabulary = try Vocabulary(pieces: pieces)
    let format = try Self.format("<think></think>", vocabulary.tokenizer)
    let expected = Parts(reasoning: "Ab é </x", content: "Hi <think>…</think>")
    for first in text.indices {
      for second in first..<text.count {
        let cut = [text[..<first], text[first..<second], text[second...]].filter { !$0.isEmpty }
        #expect(
          split(cut.map(vocabulary.token), format, vocabulary.tokenizer) == expected, "\(first), \(second)")
      }
    }
    #expect(split(text.map { vocabulary.token([$0]) }, format, vocabulary.tokenizer) == expected)
  }

  @Test func lettersAreNoMarkerWhereTheVocabularyHasOne() throws {
    let vocabulary = try Vocabulary(defined: Self.think)
    let format = try Self.format("<think></think>", vocabulary.tokenizer)
    let spelled = "<think>x</think>y"
    #expect(
      split(vocabulary.letters(spelled), format, vocabulary.tokenizer)
        == Parts(reasoning: "", content: spelled))
    let inside =
      vocabulary.tokens("<think>") + vocabulary.letters("a</think>b") + vocabulary.tokens("</think>c")
    #expect(
      split(inside, format, vocabulary.tokenizer) == Parts(reasoning: "a</think>b", content: "c"))
  }

  @Test func aModelThatDoesNotThinkHasContentAlone() throws {
    let vocabulary = try Vocabulary()
    #expect(try Self.format("{{ messages[0].content }}", vocabulary.tokenizer) == nil)
    let text = "<think>é</think> x"
    #expect(split(vocabulary.letters(text), nil, vocabulary.tokenizer) == Parts(reasoning: "", content: text))
  }

  @Test func charactersThatAreCutOffBecomeReplacements() throws {
    let vocabulary = try Vocabulary(defined: Self.think)
    let format = try Self.format("<think></think>", vocabulary.tokenizer)
    let tokens =
      vocabulary.tokens("<think>a") + [vocabulary.token([0xC3])] + vocabulary.tokens("</think>b")
      + [vocabulary.token([0xC3])]
    #expect(
      split(tokens, format, vocabulary.tokenizer) == Parts(reasoning: "a\u{FFFD}", content: "b\u{FFFD}"))
  }

  /// Text that people gave is content, whatever the template opened.
  @Test func givenTextIsContent() throws {
    let vocabulary = try Vocabulary(defined: Self.think)
    let format = try Self.format("<think></think>", vocabulary.tokenizer)
    var splitter = ThoughtSplitter(
      format, vocabulary.tokenizer, prompt: vocabulary.tokens("<think>\n").map { Token($0) },
      continuing: AnswerBeginning(text: "Well"))
    let token = splitter.append(AnswerToken(id: vocabulary.token([0x2C]), text: "", logProbability: 0))
    #expect(token.part == .content && token.text == ",")
  }
}
