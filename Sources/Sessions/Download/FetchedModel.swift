import Foundation

/// A model in the models folder, and what of it was looked at.
public struct FetchedModel: Sendable, Hashable {
  public let url: URL
  /// Whether it was there before.
  public let wasPresent: Bool
  /// What was looked at and is right; at least one.
  public let checks: [Check]

  /// One thing that a model's file is compared with.
  public enum Check: String, Sendable, Hashable {
    case length = "its length is right"
    case sha256 = "its SHA-256 is right"
    /// It opens when the other parts are there.
    case part = "it is a whole part of a model in several"
    case model = "it opens as a model"
  }

  /// `fetched: its length is right, it opens as a model; no SHA-256 of it is known`.
  public var summary: String {
    (wasPresent ? "present: " : "fetched: ") + checks.map(\.rawValue).joined(separator: ", ")
      + (checks.contains(.sha256) ? "" : "; no SHA-256 of it is known")
  }
}
