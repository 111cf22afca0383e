import Foundation
import Testing

@testable import GGUF

/// Damaged files are refused or read, but never crash and never reach outside the mapping.
@Suite struct FuzzTests {
  /// A small file with every type of value and several tensors.
  static let whole: [UInt8] = {
    var file = RawFile().header(tensors: 3, entries: 17).key("general.architecture", 8).string("llama")
    for type in UInt32(0)...12 where type != 8 && type != 9 {
      file = file.key("value.\(type)", type).zeros([1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][Int(type)])
    }
    file = file.key("general.alignment", 4).u32(32)
    file = file.key("strings", 9).u32(8).u64(3).string("a").string("").string("日本")
    file = file.key("floats", 9).u32(6).u64(2).zeros(8)
    file = file.key("bools", 9).u32(7).u64(3).zeros(3)
    file = file.key("wide", 9).u32(10).u64(2).u64(1).u64(.max)
    file = file.tensor("a.weight", [32, 2], type: 8).tensor("b.weight", [4, 3, 2], offset: 96)
    return file.tensor("c.weight", [256], type: 12, offset: 192).pad(to: 32).zeros(192 + 144).bytes
  }()

  /// Reads all there is to read.
  private func exercise(_ file: GGUFFile) {
    var sum = 0
    for tensor in file.tensors {
      sum &+= tensor.data.reduce(0) { $0 &+ Int($1) } &+ tensor.elementCount &+ tensor.rowBytes
      _ = file[tensor.name]
    }
    for key in file.metadata.entries.keys.map(\.string) {
      _ = try? file.metadata.string(key)
      _ = try? file.metadata.integer(key)
      _ = try? file.metadata.number(key)
      _ = try? file.metadata.bool(key)
      _ = try? file.metadata.strings(key)
      _ = try? file.metadata.integers(key)
      _ = try? file.metadata.numbers(key)
      _ = try? file.metadata.bools(key)
    }
    #expect(sum >= 0)
  }

  @Test func theWholeFileIsGood() throws {
    let folder = try TemporaryFolder()
    let file = try GGUFFile(path: folder.file("model.gguf", Self.whole))
    #expect(file.tensors.map(\.name) == ["a.weight", "b.weight", "c.weight"])
    #expect(file.metadata.entries.count == 17)
    exercise(file)
  }

  @Test func everyTruncationIsRefused() throws {
    let folder = try TemporaryFolder()
    for length in 0..<Self.whole.count {
      let path = try folder.file("model.gguf", Array(Self.whole[..<length]))
      do {
        _ = try GGUFFile(path: path)
        Issue.record("\(length) bytes were accepted")
      } catch {
        let message = error.description
        #expect(message.hasPrefix(path) && message.contains(length == 0 ? "empty" : "cut short"), "\(length)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 8]) func flippedBytes(flips: Int) throws {
    let folder = try TemporaryFolder()
    var generator = SplitMix(state: UInt64(flips))
    var opened = 0
    for _ in 0..<1500 {
      var bytes = Self.whole
      for _ in 0..<flips {
        // Mostly in the header, where it matters.
        let place = Int.random(in: 0..<bytes.count - 300, using: &generator)
        bytes[place] =
          Bool.random(using: &generator)
          ? UInt8.random(in: .min ... .max, using: &generator)
          : bytes[place] ^ 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      guard let file = try? GGUFFile(path: folder.file("model.gguf", bytes)) else { continue }
      opened += 1
      exercise(file)
    }
    #expect(opened > 0 && opened < 1500)
  }

  /// 32- and 64-bit numbers that are extreme, at every place.
  @Test(arguments: [0, 1 << 31, 1 << 62, UInt64(1) << 63, UInt64.max, UInt64.max - 31])
  func extremeNumbers(number: UInt64) throws {
    let folder = try TemporaryFolder()
    for place in 4..<Self.whole.count - 300 {
      var bytes = Self.whole
      withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(place..<place + 8, with: $0) }
      if let file = try? GGUFFile(path: folder.file("model.gguf", bytes)) { exercise(file) }
    }
  }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
