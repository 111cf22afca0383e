import Foundation
import Tokenization

/// Text of many kinds, about 4,000 tokens, on which activations are measured when nobody gives another.
public enum CalibrationText {
  public static let builtin = String(decoding: PackageResources.calibration_txt, as: UTF8.self)
}
