/// A view into the model, computed on request from data that the engine keeps anyway: the residual stream
/// before every layer, the keys of the cache, the weights.
public enum Probe: Sendable, Hashable {
  /// Cosine of the residual stream between any two places, as a mean over the tokens.
  case streamSimilarity
  /// The logit lens: the likeliest next token at each layer, by the final norm and the output head on the
  /// stream after it.
  case lens
  /// The same, also between the attention and the MLP of each layer.
  case sublayerLens
  /// The attention weights of every token in one head.
  case attention(layer: Int, head: Int)
  /// Figures of each head of each layer, over a sample of the tokens.
  case heads
  /// Norms of the residual stream and of sublayers' outputs.
  case norms
  /// Bits of the weights, and the error of re-encoding them.
  case weights
}

/// A request to keep results up to date as tokens and plans change: the similarity of all tokens, and a
/// probe.
public struct Watch: Sendable, Hashable {
  /// The probe; nil for the similarity alone.
  public var probe: Probe?
  /// The position to compute first, and then those around it; nil for the newest.
  public var focus: Int?

  public init(_ probe: Probe?, focus: Int? = nil) {
    self.probe = probe
    self.focus = focus
  }
}

/// The results of a probe for the tokens in the context, as far as they are computed.
public struct ProbeReport: Sendable, Hashable {
  /// The text of each token.
  public var tokens: [String]
  public var content: Content
  /// The fraction that is computed, 0…1.
  public var fraction: Double

  /// The results, by the kind of probe.
  public enum Content: Sendable, Hashable {
    case streamSimilarity(StreamSimilarity)
    case lens(Lens)
    case attention(AttentionPattern)
    case heads(HeadSummary)
    case norms(StreamNorms)
    case weights(WeightSummary)
  }

  public init(tokens: [String], content: Content, fraction: Double = 1) {
    self.tokens = tokens
    self.content = content
    self.fraction = fraction
  }
}

/// Cosines between places of the residual stream: the embedding, and after each layer.
public struct StreamSimilarity: Sendable, Hashable {
  /// [place][place], means over `tokens` tokens.
  public var cosines: [[Float]]
  public var tokens: Int

  public init(cosines: [[Float]], tokens: Int) {
    self.cosines = cosines
    self.tokens = tokens
  }
}
