import Quantization

extension Model {
  /// Whether the model was trained with ternary weights: every matrix of its layers is −d, 0 and d with one d for the
  /// whole (arXiv 2402.17764).
  public var isTernary: Bool {
    !layers.isEmpty
      && layers.allSatisfy { layer in
        Plan.Sublayer.allCases.flatMap { layer.matrices(of: $0) }
          .allSatisfy { PackedFormat(holding: $0) == .wholeTernary }
      }
  }

  /// Bits of the activations under a plan that chooses none: 8 where the model was trained with so many, else 16.
  public var nativeActivationBits: Int { isTernary ? 8 : 16 }
}
