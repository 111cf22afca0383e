import Foundation
import Quantization

/// The bytes that running a model takes, added up before any of them are taken.
public struct MemoryNeed: Sendable, Hashable {
  /// Positions of the context.
  public var positions: Int
  /// Packed matrices of the plan.
  public var weights: Int
  /// Keys and values of all positions.
  public var cache: Int
  /// What a forward pass writes besides: rows of a batch, logits, partial results of attention.
  public var workspace: Int
  /// What is recorded of each position: similarities, and streams to change plans by.
  public var records: Int
  /// What is taken besides for a while, before the plan runs: weights to measure with, and what healing fits.
  public var preparation: Int

  /// All of it.
  public var total: Int {
    [weights, cache, workspace, records, preparation].reduce(0) { $0.addingSaturated($1) }
  }

  /// The parts, of which none is 0: `weights 145 MB, KV cache of 8192 positions 189 MB`.
  public var parts: String {
    let parts = [
      ("weights", weights), ("KV cache of \(positions) positions", cache), ("workspace", workspace),
      ("records", records), ("preparation of the plan", preparation),
    ]
    return parts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1.inUnits)" }.joined(separator: ", ")
  }
}

/// The memory that a model may take.
public struct MemoryLimit: Sendable, Hashable {
  /// Bytes of all together.
  public var bytes: Int

  /// What one part may take that nobody asked for: the KV cache where no context length is given, and with it
  /// workspace and records together. No model needs nearly as much for a context of the least size.
  public static let unasked = 2 << 30

  /// - Parameter bytes: The memory to count with.
  public init(bytes: Int) { self.bytes = bytes }

  /// Bytes that new programs could take now; nil where the system does not tell.
  public static var available: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return kilobytes.map { min($0 * 1024, machine.bytes) }
  }

  /// The memory of this machine, or what limits of the process leave of it.
  public static var machine: MemoryLimit {
    var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    for resource in [RLIMIT_AS, RLIMIT_DATA] {
      var limit = rlimit()
      if getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 {
        bytes = min(bytes, Int(clamping: limit.rlim_cur))
      }
    }
    let group = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
    if let group, let own = Int(group.trimmingCharacters(in: .whitespacesAndNewlines)) {
      bytes = min(bytes, own)
    }
    return MemoryLimit(bytes: bytes)
  }
}

extension Int {
  /// The sum, or the largest number where it does not fit one.
  func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The product of two numbers that are not negative, or the largest number where it does not fit one.
  func multipliedSaturated(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }

  /// `189.2 MB`, in decimal units.
  public var inUnits: String {
    if self >= 1_000_000_000 { return String(format: "%.1f GB", Double(self) / 1e9) }
    return self >= 1_000_000 ? String(format: "%.1f MB", Double(self) / 1e6) : "\(self) B"
  }
}
