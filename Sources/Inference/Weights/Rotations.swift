import Quantization

/// The rotations that a plan merges into the weights (SpinQuant, arXiv 2405.16406; Hadamard matrices as in
/// QuaRot, arXiv 2404.00456): the model computes the same, on a stream and on values whose outliers are
/// spread over all elements.
///
/// With R1 the stream x becomes R1ᵀx: embeddings and what writes to the stream are rotated, what reads it
/// takes the gain of the norm before it and R1, and the norm, without gain, commutes with R1. With R2 the
/// values of a head become R2ᵀv, which the output matrix undoes. Nothing else is computed at run time but the
/// rotation of embeddings.
struct Rotations: Sendable {
  /// R1
  let stream: Hadamard
  init(_ shape: Hyperparameters) {
    stream = Hadamard(size: shape.width)
  }

  /// R2
  func head(_ shape: LayerShape) -> Hadamard { Hadamard(size: shape.valueWidth) }

  /// For a matrix that reads the stream through `norm`.
  func reading(_ norm: Norm?, output: Hadamard? = nil) -> MatrixRotation {
    MatrixRotation(gains: norm?.weight.values, input: stream, output: output)
  }
}

extension Architecture {
  /// Why its weights cannot be rotated; nil where they can.
  var obstacleToRotation: String? {
    if norm == .layer { return "its norms subtract the mean of the elements, which a rotation changes" }
    if hasPostNorms {
      return "it norms what sublayers add to the stream, with weights that no matrix after them can take"
    }
    return nil
  }
}
