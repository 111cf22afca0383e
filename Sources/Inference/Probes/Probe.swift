/// What can be looked at inside the model, computed on request from what the engine keeps anyway: the residual
/// stream before every layer, the keys of the cache, the weights.
public enum Probe: Sendable, Hashable {
  /// Cosine of the residual stream between any two places, as a mean over the tokens.
  case streamSimilarity
  /// The token that each layer would say next: final norm and output head on the stream after it.
  case lens
  /// What every token looks at in one head.
  case attention(layer: Int, head: Int)
  /// What each head of each layer does, over a sample of the tokens.
  case heads
  /// How long the residual stream and what sublayers add to it are.
  case norms
  /// Bits of the weights, and what encoding them anew changed.
  case weights
}

/// What is wanted again and again, as tokens and plans change: the similarity of all tokens, and a probe.
public struct Watch: Sendable, Hashable {
  /// nil: the similarity alone.
  public var probe: Probe?
  /// The position to compute first, and then those around it; nil for the newest.
  public var focus: Int?

  public init(_ probe: Probe?, focus: Int? = nil) {
    self.probe = probe
    self.focus = focus
  }
}

/// What a probe says of the tokens in the context, as far as it is computed.
public struct ProbeReport: Sendable, Hashable {
  /// The text of each token.
  public var tokens: [String]
  public var content: Content
  /// How much of it there is, from 0 to 1.
  public var fraction: Double

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

/// What would be said at every place of the residual stream if it were the last (nostalgebraist, "interpreting GPT:
/// the logit lens", 2020).
public struct Lens: Sendable, Hashable {
  /// The embedding, and after each layer.
  public var places: Int
  /// By position, then by place. nil where it is not computed yet.
  public var columns: [[Guess]?]

  /// The likeliest token and its probability.
  public struct Guess: Sendable, Hashable {
    public var text: String
    public var probability: Float

    public init(text: String, probability: Float) {
      self.text = text
      self.probability = probability
    }
  }

  public init(places: Int, columns: [[Guess]?]) {
    self.places = places
    self.columns = columns
  }
}
