import Inference

/// The sampling options by the names that the settings file, `/set` and journals use.
///
/// One table, so that an option added to ``SamplingOptions`` needs one line here to work everywhere.
public struct SamplingOption: Sendable {
  /// As written in TOML and JSON, such as `top_k`.
  public let key: String
  let kind: Kind

  enum Kind {
    case float(WritableKeyPath<SamplingOptions, Float> & Sendable, ClosedRange<Float>)
    case integer(WritableKeyPath<SamplingOptions, Int> & Sendable, ClosedRange<Int>)
    /// Absent until set; `none` in text unsets it.
    case seed(WritableKeyPath<SamplingOptions, UInt64?> & Sendable)
  }

  public static let all: [SamplingOption] = [
    .init(key: "temperature", kind: .float(\.temperature, 0...100)),
    .init(key: "top_k", kind: .integer(\.topK, 0...10_000_000)),
    .init(key: "top_p", kind: .float(\.topP, 0...1)),
    .init(key: "min_p", kind: .float(\.minP, 0...1)),
    .init(key: "repeat_penalty", kind: .float(\.repeatPenalty, 0.01...100)),
    .init(key: "repeat_window", kind: .integer(\.repeatWindow, 0...10_000_000)),
    .init(key: "seed", kind: .seed(\.seed)),
  ]

  public static func named(_ key: String) throws(SettingError) -> SamplingOption {
    guard let option = all.first(where: { $0.key == key }) else {
      throw SettingError("unknown option “\(key)”: use one of \(all.map(\.key).joined(separator: ", "))")
    }
    return option
  }

  /// The values that are taken, for messages and help.
  public var range: String {
    switch kind {
    case .float(_, let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .integer(_, let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .seed: "a whole number from 0, or none"
    }
  }

  public func text(in options: SamplingOptions) -> String {
    switch kind {
    case .float(let path, _): "\(options[keyPath: path])"
    case .integer(let path, _): "\(options[keyPath: path])"
    case .seed(let path): options[keyPath: path].map { "\($0)" } ?? "none"
    }
  }

  public func set(_ text: String, in options: inout SamplingOptions) throws(SettingError) {
    switch kind {
    case .float(let path, let range):
      if let value = Float(text), range.contains(value) { return options[keyPath: path] = value }
    case .integer(let path, let range):
      if let value = Int(text), range.contains(value) { return options[keyPath: path] = value }
    case .seed(let path):
      if text == "none" { return options[keyPath: path] = nil }
      if let value = UInt64(text) { return options[keyPath: path] = value }
    }
    throw SettingError("\(key): “\(text)” is not \(range)")
  }
}

/// A setting that does not exist or a value that it does not take; one line.
public struct SettingError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}
