import Analysis
import Inference
import Tokenization

extension ScoredText {
  /// A text by its tokens, of which nothing is compared yet.
  ///
  /// - Parameter thinking: How it holds thoughts; nil where all of it is content.
  package init(_ ids: [Token], after prompt: [Token], thinking: ThinkingFormat?, _ tokenizer: Tokenizer) {
    var splitter = ThoughtSplitter(thinking, tokenizer, prompt: prompt)
    var tokens = ids.map { splitter.append(AnswerToken(id: Int($0), text: "", logProbability: 0)) }
    for rest in splitter.finish() {
      // It belongs to the last token of its part.
      if let last = tokens.lastIndex(where: { $0.part == rest.part }) { tokens[last].text += rest.text }
    }
    self.init(
      pieces: tokens.map(\.text), parts: tokens.map(\.part), AnswerDivergence(of: ids, after: prompt))
  }
}
