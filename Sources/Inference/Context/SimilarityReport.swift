/// Cosine of the residual stream before and after each sublayer, for every token in the context.
///
/// Source: "What Matters in Transformers? Not All Attention Is Needed", arXiv 2406.15786.
public struct SimilarityReport: Sendable, Hashable {
  /// The text of each token: [token].
  public var tokens: [String]
  /// `[layer][token]`; `Float.absent` where the sublayer is dropped or was not measured.
  public var attention: [[Float]]
  public var mlp: [[Float]]
  public var block: [[Float]]
  public init(tokens: [String], attention: [[Float]], mlp: [[Float]], block: [[Float]]) {
    self.tokens = tokens
    self.attention = attention
    self.mlp = mlp
    self.block = block
  }

  /// The cosines of one part: `[layer][token]`.
  public subscript(part: Part) -> [[Float]] {
    switch part {
    case .attention: attention
    case .mlp: mlp
    case .block: block
    }
  }
}
