import CKernels
import Testing

@testable import Quantization

@Suite struct KernelSelfTestTests {
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func allSetsAgree(seed: UInt64) {
    for set in Kernels.available {
      var test = KernelSelfTest(set, seed: seed)
      #expect(test.difference(size: 40 * Int(seed)) == nil, "\(set.name)")
    }
  }

  /// A set of which one kernel computes something else, and what the test says about it.
  static let broken: [(name: String, change: @Sendable (inout pare_kernels) -> Void)] = [
    ("add", { $0.add = { x, _, n in x?.update(repeating: 0, count: Int(n)) } }),
    ("rms_norm", { $0.rms_norm = { x, _, n, _, out in out?.update(from: x!, count: Int(n)) } }),
    ("multiply", { $0.multiply = { _, _, _, _, _, y, _, _ in y?.pointee += 1 } }),
    ("multiply", { $0.multiply_narrow = { _, _, _, _, _, y, _, _ in y?.pointee += 1 } }),
    (
      "quantize",
      {
        $0.quantize = { _, _, _, _, _, codes, _ in
          codes?.pointee = 1
          return 1
        }
      }
    ),
    ("attention", { $0.combine = { _, _, _, _, _, out in out?.pointee = 0 } }),
    ("attention", { $0.store_key = { _, _, _, _, _ in } }),
    (
      "encode",
      {
        $0.encode = { _, _, _, _, codes, _ in
          codes?.pointee = 255
          return 2
        }
      }
    ),
    ("log_sum_exp", { $0.log_sum_exp = { _, _, _, _ in 0 } }),
  ]

  @Test(arguments: broken.indices)
  func findsWhatIsWrong(index: Int) {
    var table = Kernels.best.table.pointee
    Self.broken[index].change(&table)
    withUnsafePointer(to: table) { table in
      let set = Kernels(table: table)
      var test = KernelSelfTest(set, seed: 3)
      let difference = test.difference() ?? "nothing"
      #expect(difference.hasPrefix(Self.broken[index].name), "\(difference)")
      // Such a set is skipped, and the reason told.
      let scalar = Kernels.available[Kernels.available.count - 1]
      let (best, notices) = Kernels.choose(from: [set, scalar])
      #expect(best.table == scalar.table && notices.count == 1)
      #expect(notices[0].contains(Self.broken[index].name) && !notices[0].contains("\n"))
    }
  }
}
