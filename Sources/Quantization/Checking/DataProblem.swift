import GGUF

/// A fault in a tensor's data that no sound file has.
public struct DataProblem: Sendable, Hashable {
  /// The tensor's name.
  public let tensor: String
  /// The format of its blocks.
  public let type: BlockType
  /// The kind of fault.
  public let fault: DataFault
  /// The first block that has it, counted from the start of the tensor (for plain numbers an element); nil
  /// where it concerns the tensor as a whole.
  public let block: Int?
  /// The number of blocks that have it.
  public let count: Int
}

/// A kind of fault of a block.
public enum DataFault: String, Sendable, CaseIterable {
  case nanValue = "the value is NaN"
  case infiniteValue = "the value is infinite"
  case nanScale = "the scale is NaN"
  case infiniteScale = "the scale is infinite"
  case nanOffset = "the offset is NaN"
  case infiniteOffset = "the offset is infinite"
  case exponent = "the exponent of the scale is 255, which stands for NaN"
  case unsignedScale = "a scale is above 0x7E, which no positive E4M3 number is"
  case ternaryCode = "a code is 3, which stands for none of −1, 0, 1"
}

/// Faults found in a run of blocks: of each the first block and how many.
struct FaultTally {
  private(set) var found: [DataFault: (first: Int?, count: Int)] = [:]

  mutating func add(_ fault: DataFault, block: Int?) {
    found[fault, default: (block, 0)].count += 1
  }

  mutating func merge(_ other: FaultTally) {
    for (fault, entry) in other.found {
      let own = found[fault] ?? entry
      let first = own.first.flatMap { mine in entry.first.map { min(mine, $0) } }
      found[fault] = (first, (found[fault]?.count ?? 0) + entry.count)
    }
  }
}
