/// The attention weights of one head.
public struct AttentionPattern: Sendable, Hashable {
  public var layer: Int
  public var head: Int
  /// Heads of the layer; 0 where no attention runs under the plan.
  public var heads: Int
  /// [query position]; nil where it is not computed.
  public var rows: [Row?]
  /// What the head writes at the focus; nil where it is not computed.
  public var writing: HeadWriting?

  /// The attention weights of one query.
  public struct Row: Sendable, Hashable {
    /// The first position that the query sees.
    public var first: Int
    /// Weights of the positions from `first` to the query's; their sum is 1.
    public var weights: [Float]

    public init(first: Int, weights: [Float]) {
      self.first = first
      self.weights = weights
    }
  }

  public init(layer: Int, head: Int, heads: Int, rows: [Row?], writing: HeadWriting? = nil) {
    self.layer = layer
    self.head = head
    self.heads = heads
    self.rows = rows
    self.writing = writing
  }
}

/// Figures of every head's attention, as means over some of the tokens.
public struct HeadSummary: Sendable, Hashable {
  /// [layer][head]; empty where no attention runs under the plan.
  public var layers: [[Figures]]
  /// The number of tokens in the means.
  public var tokens: Int

  /// Means of one head.
  public struct Figures: Sendable, Hashable {
    /// The entropy of the attention weights, in nats: 0 where one token has all the weight.
    public var entropy: Float
    /// The distance in tokens from the query back to the positions it attends to, weighted.
    public var distance: Float
    /// The weight of the first token of the text, an attention sink: idle heads put their weight there.
    public var first: Float
    /// The norm of the head's output, relative to the norm of the stream.
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
