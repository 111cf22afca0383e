import Inference
import Tokenization

/// Mean similarity of every sublayer over a text: the closer to 1, the less it changes the residual stream.
///
/// Source: "What Matters in Transformers? Not All Attention Is Needed", arXiv 2406.15786: the mean over all
/// tokens of the cosine between the stream before and after, in f32, the first token included.
public struct SimilarityRanking: Sendable, Hashable {
  /// Tokens of the text.
  public var tokens: Int
  /// Mean cosine [layer]; nil where the plan drops the sublayer, NaN where a stream was no number.
  public var attention: [Float?]
  public var mlp: [Float?]
  public var block: [Float?]

  /// Reads `ids` with a context that records similarity.
  ///
  /// - Throws: ``ContextError`` when the text does not fit; `CancellationError`.
  public init(
    over ids: [Token], in context: InferenceContext, progress: ProgressCheck = { _ in true }
  ) throws {
    precondition(context.recordsSimilarity, "the context does not record similarity")
    try context.read(ids, progress: progress)
    self.init(context.similarity()!)
  }

  /// The means of a report.
  public init(_ report: SimilarityReport) {
    tokens = report.tokens.count
    attention = report.attention.map(\.meanOfPresent)
    mlp = report.mlp.map(\.meanOfPresent)
    block = report.block.map(\.meanOfPresent)
  }
}
