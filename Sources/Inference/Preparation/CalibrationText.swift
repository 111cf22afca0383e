import Foundation
import Tokenization

/// Text of many kinds, about 4,000 tokens, on which activations are measured when nobody gives another.
public enum CalibrationText {
  public static let builtin = String(decoding: PackageResources.calibration_txt, as: UTF8.self)

  /// The share of the text that maps are fitted on; the rest tells how well they do.
  private static let fittedShare = 0.9

  /// The part that maps are fitted on.
  static func fitted(_ model: Model) -> [Token] {
    let tokens = tokens(model)
    return Array(tokens.prefix(min(Int(Double(tokens.count) * fittedShare), model.shape.trainedContext)))
  }

  /// Some 320 tokens of all its kinds, for what needs less: three times as many change the KL at 2 to 4 bits
  /// by a twentieth, up or down.
  static func sampled(_ model: Model) -> [Token] {
    let tokens = fitted(model), piece = 16
    let starts = stride(from: 0, to: tokens.count - piece, by: max(piece, tokens.count / 20))
    return Array(starts.flatMap { tokens[$0..<$0 + piece] }.prefix(model.shape.trainedContext))
  }

  /// The part that nothing is fitted on, as a text of its own.
  public static func unseen(_ model: Model) -> [Token] {
    let tokens = tokens(model)
    return Array(tokens[Int(Double(tokens.count) * fittedShare)...].prefix(model.shape.trainedContext))
  }

  /// A vocabulary, or a context, that takes too little of the text for healing.
  struct TooShort: Error, CustomStringConvertible {
    let tokens: Int
    var description: String {
      "heal: the vocabulary or the context takes \(tokens) tokens of the text that healing is fitted on, which is "
        + "too few: leave healing out (--heal none)"
    }
  }

  private static func tokens(_ model: Model) -> [Token] {
    let tokens = model.tokenizer.encode(Array(builtin.utf8))
    guard model.tokenizer.addsBOS, let bos = model.tokenizer.bos else { return tokens }
    return [bos] + tokens
  }
}
