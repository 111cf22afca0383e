/// The likeliest next token at every place of the residual stream, as if it were the last (nostalgebraist,
/// "interpreting GPT: the logit lens", 2020).
public struct Lens: Sendable, Hashable {
  /// The number of places: the embedding, and after each layer; by sublayer, also after each attention.
  public var places: Int
  /// [position][place]; nil where it is not computed yet.
  public var columns: [[Guess]?]
  /// Whether there are places between the attention and the MLP of each layer.
  public var isBySublayer: Bool
  /// The likeliest tokens of some positions [place], likeliest first: of the focus, or of all.
  public var likeliest: [Int: [[Candidate]]]

  /// The likeliest token and its probability, and what the place says of the token that is the likeliest at
  /// the end.
  public struct Guess: Sendable, Hashable {
    public var text: String
    public var probability: Float
    /// The rank of the final token, which counts from 1.
    public var finalRank: Int
    /// The probability of the final token.
    public var finalProbability: Float

    public init(text: String, probability: Float, finalRank: Int = 1, finalProbability: Float? = nil) {
      self.text = text
      self.probability = probability
      self.finalRank = finalRank
      self.finalProbability = finalProbability ?? probability
    }
  }

  /// A token that a place might say.
  public struct Candidate: Sendable, Hashable {
    public var id: Int
    public var text: String
    public var probability: Float

    public init(id: Int, text: String, probability: Float) {
      self.id = id
      self.text = text
      self.probability = probability
    }
  }

  /// Candidates of a place.
  public static let candidateCount = 5

  public init(
    places: Int, columns: [[Guess]?], isBySublayer: Bool = false, likeliest: [Int: [[Candidate]]] = [:]
  ) {
    self.places = places
    self.columns = columns
    self.isBySublayer = isBySublayer
    self.likeliest = likeliest
  }
}
