/// The attention weights of one head.
public struct AttentionPattern: Sendable, Hashable {
  public var layer: Int
  public var head: Int
  /// Heads of the layer; 0 where no attention runs under the plan.
  public var heads: Int
  /// By the position that looks. nil where it is not computed.
  public var rows: [Row?]

  public struct Row: Sendable, Hashable {
    /// The first position that is seen.
    public var first: Int
    /// Of the positions from `first` to the one that looks; their sum is 1.
    public var weights: [Float]

    public init(first: Int, weights: [Float]) {
      self.first = first
      self.weights = weights
    }
  }

  public init(layer: Int, head: Int, heads: Int, rows: [Row?]) {
    self.layer = layer
    self.head = head
    self.heads = heads
    self.rows = rows
  }
}

/// What every head does, as means over some of the tokens.
public struct HeadSummary: Sendable, Hashable {
  /// By layer, then by head; none where no attention runs under the plan.
  public var layers: [[Figures]]
  /// Tokens that the means are over.
  public var tokens: Int

  public struct Figures: Sendable, Hashable {
    /// Of the attention weights, in nats: 0 where all goes to one token.
    public var entropy: Float
    /// Tokens from the one that looks back to what it looks at, weighted.
    public var distance: Float
    /// The weight of the first token of the text, on which heads rest that have nothing to do.
    public var first: Float
    /// The norm of what the head adds to the stream, in parts of the stream's own.
    public var output: Float

    public init(entropy: Float, distance: Float, first: Float, output: Float) {
      self.entropy = entropy
      self.distance = distance
      self.first = first
      self.output = output
    }
  }

  public init(layers: [[Figures]], tokens: Int) {
    self.layers = layers
    self.tokens = tokens
  }
}
