import Tokenization

/// Consecutive tokens that a forward pass computes together.
struct Batch {
  /// Where the residual stream x[count, d] comes from.
  var start: Start
  var count: Int
  /// Position of the first token in the context.
  var position: Int

  enum Start {
    /// The embeddings of these token ids [count].
    case tokens(UnsafePointer<Token>)
    /// The workspace holds the stream before `layer`, which is the first to run.
    case stream(before: Int)
  }

  /// The first layer to run.
  var firstLayer: Int {
    switch start {
    case .tokens: 0
    case .stream(let layer): layer
    }
  }
}
