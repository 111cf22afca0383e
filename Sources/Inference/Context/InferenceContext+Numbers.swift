import GGUF
import Quantization

extension InferenceContext {
  /// Remarks on the weights in use and on the file that a user must know of: one line each, which names the
  /// matrices or the key.
  public var warnings: [String] {
    let ruins = model.isTernary ? nil : plan.ruinousWidth(layers: model.shape.layers)
    return (ruins.map { [Plan.warning(ofRuinous: $0)] } ?? []) + weights.warnings + model.tokenizer.remarks
  }

  /// The reason why predictions are no numbers, as far as the weights tell: one line. Reads the whole file.
  public var causeOfNaN: String {
    defer { model.file.release() }
    let problems = (try? model.file.dataProblems())?.filter { $0.fault.spreads } ?? []
    let encoded = weights.matrices.values.filter { $0.largestWeight == .infinity }.map(\.tensorName)
    let names = Set(problems.map(\.tensor) + encoded).sorted()
    return names.isEmpty
      ? "all weights are finite, so what is computed with them grows too large for f32, or for keys and values "
        + "in f16: try other bits"
      : "not all weights of \(names.listed) are finite numbers: `pare inspect --check` tells where"
  }
}

extension DataFault {
  /// Whether what is computed with such a block is no number.
  fileprivate var spreads: Bool {
    switch self {
    case .nanValue, .infiniteValue, .nanScale, .infiniteScale, .nanOffset, .infiniteOffset, .exponent: true
    case .unsignedScale, .ternaryCode: false
    }
  }
}

/// Predictions that are no numbers, in the midst of an answer.
public struct NaNError: Error, CustomStringConvertible {
  /// Tokens that were answered before.
  let tokens: Int
  let cause: String
  /// What the answer is of, where there are several.
  private var subject: String?

  init(tokens: Int, cause: String) {
    self.tokens = tokens
    self.cause = cause
  }

  /// The same error of the answer of one of several.
  public func naming(_ subject: String) -> NaNError {
    var error = self
    error.subject = subject
    return error
  }

  public var description: String {
    (subject.map { "\($0): " } ?? "")
      + "the model's predictions are no numbers (NaN) after \(tokens) tokens of the answer: \(cause)"
  }
}
