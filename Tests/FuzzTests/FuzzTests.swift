import FuzzTargets
import TestModels
import Testing

/// The short form of `make fuzz`: sound inputs, and what some thousand mutations make of them. A target traps
/// where something does not hold.
@Suite struct FuzzTests {
  @Test(arguments: FuzzTarget.allCases)
  func mutationsAreRefusedOrUsed(_ target: FuzzTarget) {
    var random = SeededGenerator(seed: 11)
    let seeds = target.seeds
    for seed in seeds { run(target, seed) }
    for _ in 0..<(target == .model ? 300 : 2000) {
      run(target, mutated(seeds.randomElement(using: &random)!, &random))
    }
  }

  private func run(_ target: FuzzTarget, _ bytes: [UInt8]) { bytes.withUnsafeBytes(target.run) }

  private func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.int(1...4) where !bytes.isEmpty {
      // Mostly at the beginning, where headers are.
      let place = min(random.int(0...bytes.count - 1), random.int(0...bytes.count - 1))
      switch random.int(0...5) {
      case 0: bytes[place] = UInt8(random.int(0...255))
      case 1: bytes[place] ^= 1 << UInt8(random.int(0...7))
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(UInt8(random.int(0...255)), at: place)
      case 4: bytes.removeSubrange(place..<min(bytes.count, place + random.int(1...16)))
      default:
        bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.int(1...16))], at: place)
      }
    }
    return bytes
  }
}
