/// How the next token is drawn from the logits. Defaults are llama.cpp's.
public struct SamplingOptions: Sendable, Hashable, Codable {
  /// 0 takes the likeliest token.
  public var temperature: Float = 0.8
  /// Keep the k likeliest; 0 keeps all.
  public var topK = 40
  /// Keep the likeliest until their probability reaches this; 1 keeps all.
  public var topP: Float = 0.95
  /// Keep those at least this likely relative to the likeliest; 0 keeps all.
  public var minP: Float = 0.05
  /// Divides positive and multiplies negative logits of recent tokens; 1 does nothing.
  public var repeatPenalty: Float = 1
  /// How many recent tokens the penalty looks at.
  public var repeatWindow = 64
  /// nil: a fresh seed for each answer.
  public var seed: UInt64?

  public init() {}

  /// ``repeatWindow``, within what a memory holds.
  var boundedWindow: Int { min(max(repeatWindow, 0), 1 << 24) }
}
