import CKernels

/// The kernel set in use: the fastest one this CPU can run.
public struct Kernels: @unchecked Sendable {  // points at a constant table of functions
  public let table: UnsafePointer<pare_kernels>

  public var name: String { String(cString: table.pointee.name) }

  /// All sets this CPU can run, fastest first; the scalar one is last.
  public static let available: [Kernels] = {
    var sets: [Kernels] = []
    while let table = pare_kernels_at(Int32(sets.count)) { sets.append(Kernels(table: table)) }
    return sets
  }()

  public static let best = available[0]
}
