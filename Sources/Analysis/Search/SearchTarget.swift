import Inference

/// The target of a search.
public enum SearchTarget: Sendable, Hashable {
  /// The fewest bytes a token at no more KL than this, in nats.
  case kl(Double)
  /// The least KL with this many sublayers dropped.
  case drops(Int)
  /// The least KL at this share of the baseline's weight bytes a token.
  case bytes(Double)

  /// Reads `kl=0.1`, `drop=8` or `bytes=0.8`; `<` does as well as `=`.
  public init(_ text: String) throws(SearchError) {
    let parts = text.split(separator: /<=|<|=/, maxSplits: 1).map(String.init)
    let value = parts.count == 2 ? Double(parts[1]) : nil
    switch (parts.first, value) {
    case ("kl", let value?) where value > 0 && value.isFinite: self = .kl(value)
    case ("drop", let value?) where value >= 1 && value <= 4096 && value == value.rounded():
      self = .drops(Int(value))
    case ("bytes", let value?) where value > 0 && value < 1: self = .bytes(value)
    default:
      throw SearchError(
        "“\(text)” is no target: write kl=0.1 (nats), drop=8 (sublayers) or bytes=0.8 (a share)")
    }
  }
}

extension SearchTarget: CustomStringConvertible {
  public var description: String {
    switch self {
    case .kl(let value): "kl=\(value)"
    case .drops(let count): "drop=\(count)"
    case .bytes(let share): "bytes=\(share)"
    }
  }
}

/// A dimension of plans that a search may change.
public enum SearchDimension: String, Sendable, Hashable, CaseIterable {
  case attention = "attn"
  case mlp
  case bits

  /// Reads `attn,mlp`.
  public static func parse(_ text: String) throws(SearchError) -> Set<SearchDimension> {
    var dimensions: Set<SearchDimension> = []
    for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let dimension = SearchDimension(rawValue: String(word)) else {
        throw SearchError(
          "“\(word)” cannot be searched over: use \(allCases.map(\.rawValue).joined(separator: ", "))")
      }
      dimensions.insert(dimension)
    }
    guard !dimensions.isEmpty else { throw SearchError("nothing to search over: write attn,mlp,bits") }
    return dimensions
  }
}

/// A search that cannot be done as asked; one line.
public struct SearchError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}
