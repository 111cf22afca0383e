import Foundation
import GGUF

/// The sizes and constants of a model, from the `ARCH.*` keys of its file.
public struct Hyperparameters: Sendable, Hashable {
  public var layers: Int
  /// Elements of the residual stream.
  public var width: Int
  public var heads: Int
  /// Heads of K and V; each serves `heads / kvHeads` query heads.
  public var kvHeads: Int
  public var keyWidth: Int
  public var valueWidth: Int
  /// Rows of the MLP's gate and up.
  public var mlpWidth: Int
  public var vocabulary: Int
  /// Positions the model was trained for.
  public var trainedContext: Int
  public var normEpsilon: Float
  /// Rotated elements of a head.
  public var ropeDimensions: Int
  public var ropeBase: Double
  /// Positions are divided by this (linear scaling); 1 for none.
  public var ropeFactor: Double
  /// Positions a windowed layer sees; 0 for no windows.
  public var window: Int
  /// Scores are multiplied by this.
  public var attentionScale: Float
  /// cap · tanh(score / cap); 0 for none.
  public var attentionSoftCap: Float
  public var logitSoftCap: Float

  init(_ metadata: Metadata, architecture: Architecture, vocabulary: Int) throws {
    let prefix = architecture.name + "."
    let file = metadata.file
    func require(_ key: String, in allowed: ClosedRange<Int>) throws -> Int {
      guard let value = try metadata.integer(prefix + key) else {
        throw GGUFError(file: file, place: "key \(prefix)\(key)", "is missing: the file is incomplete")
      }
      return try check(value, key, allowed)
    }
    func optional(_ key: String, default value: Int, in allowed: ClosedRange<Int>) throws -> Int {
      try check(metadata.integer(prefix + key) ?? value, key, allowed)
    }
    func check(_ value: Int, _ key: String, _ allowed: ClosedRange<Int>) throws -> Int {
      guard allowed.contains(value) else {
        throw GGUFError(
          file: file, place: "key \(prefix)\(key)",
          "is \(value), outside \(allowed.lowerBound)…\(allowed.upperBound)")
      }
      return value
    }
    func number(_ key: String, default value: Double) throws -> Double {
      let value = try metadata.number(prefix + key) ?? value
      guard value.isFinite else {
        throw GGUFError(file: file, place: "key \(prefix)\(key)", "is not a finite number")
      }
      return value
    }

    layers = try require("block_count", in: 1...1024)
    width = try require("embedding_length", in: 1...65_536)
    mlpWidth = try require("feed_forward_length", in: 1...1_048_576)
    heads = try require("attention.head_count", in: 1...1024)
    kvHeads = try optional("attention.head_count_kv", default: heads, in: 1...1024)
    keyWidth = try optional("attention.key_length", default: width / heads, in: 1...1024)
    valueWidth = try optional("attention.value_length", default: keyWidth, in: 1...1024)
    trainedContext = try require("context_length", in: 1...100_000_000)
    ropeDimensions = try optional("rope.dimension_count", default: keyWidth, in: 0...keyWidth)
    window = try optional("attention.sliding_window", default: 0, in: 0...100_000_000)
    normEpsilon = Float(try number("attention.layer_norm_rms_epsilon", default: 1e-5))
    ropeBase = try number("rope.freq_base", default: 10_000)
    let scaling = try metadata.string(prefix + "rope.scaling.type") ?? "none"
    switch scaling {
    case "none": ropeFactor = 1
    case "linear": ropeFactor = try number("rope.scaling.factor", default: 1)
    default:
      throw GGUFError(
        file: file, place: "key \(prefix)rope.scaling.type",
        "is \(GGUFError.quote(scaling)), which is not supported: use a file without it, or with linear scaling"
      )
    }
    guard ropeBase > 0, ropeFactor > 0 else {
      throw GGUFError(file: file, place: "keys \(prefix)rope.*", "the base and the factor must be positive")
    }
    guard heads % kvHeads == 0 else {
      throw GGUFError(
        file: file, place: "key \(prefix)attention.head_count_kv",
        "is \(kvHeads), which does not divide the \(heads) heads")
    }
    guard ropeDimensions % 2 == 0 else {
      throw GGUFError(
        file: file, place: "key \(prefix)rope.dimension_count", "is \(ropeDimensions), but pairs are rotated")
    }
    guard keyWidth % 16 == 0, valueWidth % 16 == 0 else {
      throw GGUFError(
        file: file, place: "keys \(prefix)attention.key_length, value_length",
        "heads \(keyWidth) and \(valueWidth) wide are not supported: the widths must be multiples of 16")
    }
    attentionScale = 1 / Float(keyWidth).squareRoot()
    attentionSoftCap = Float(try number("attn_logit_softcapping", default: 0))
    logitSoftCap = Float(try number("final_logit_softcapping", default: 0))
    self.vocabulary = vocabulary
  }

  /// Query heads that share a KV head.
  public var groupSize: Int { heads / kvHeads }
}
