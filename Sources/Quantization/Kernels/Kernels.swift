import CKernels

/// A set of kernels, for one instruction set.
public struct Kernels: @unchecked Sendable {  // points at a constant table of functions
  public let table: UnsafePointer<pare_kernels>

  public init(table: UnsafePointer<pare_kernels>) { self.table = table }

  public var name: String { String(cString: table.pointee.name) }

  /// All sets this CPU can run, fastest first; the scalar one is last.
  public static let available: [Kernels] = {
    var sets: [Kernels] = []
    while let table = pare_kernels_at(Int32(sets.count)) { sets.append(Kernels(table: table)) }
    return sets
  }()

  /// The fastest set that computes here what the scalar one does, and what is wrong with faster ones.
  public static let choice: (best: Kernels, notices: [String]) = choose(from: available)

  public static var best: Kernels { choice.best }

  /// - Parameter sets: Fastest first; the last one is taken unseen.
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
