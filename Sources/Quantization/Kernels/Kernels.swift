import CKernels

/// A set of kernels, for one instruction set.
public struct Kernels: @unchecked Sendable {  // points at a constant table of functions
  /// The functions of the set.
  public let table: UnsafePointer<pare_kernels>

  /// The set of a table that is never freed.
  public init(table: UnsafePointer<pare_kernels>) { self.table = table }

  /// The name of the instruction set, such as `avx2`.
  public var name: String { String(cString: table.pointee.name) }

  /// All sets this CPU can run, fastest first; the scalar one is last.
  public static let available: [Kernels] = {
    var sets: [Kernels] = []
    while let table = pare_kernels_at(Int32(sets.count)) { sets.append(Kernels(table: table)) }
    return sets
  }()

  /// The fastest set that agrees with the scalar one on this CPU, and a notice for each faster one that does
  /// not.
  public static let choice: (best: Kernels, notices: [String]) = choose(from: available)

  /// The set of ``choice``.
  public static var best: Kernels { choice.best }

  /// - Parameter sets: Fastest first; the last one is not tested.
  static func choose(from sets: [Kernels]) -> (best: Kernels, notices: [String]) {
    var notices: [String] = []
    for set in sets.dropLast() {
      var test = KernelSelfTest(set, seed: 1)
      guard let difference = test.difference() else { return (set, notices) }
      notices.append("the \(set.name) kernels are wrong on this CPU and are not used: \(difference)")
    }
    return (sets[sets.count - 1], notices)
  }
}
