import Foundation
import Testing

@testable import GGUF

/// A file that must be refused, and what the message must say: the place, and what is wrong.
struct BadFile: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let bytes: [UInt8]
  let says: [String]

  init(_ name: String, _ file: RawFile, says: String...) {
    testDescription = name
    bytes = file.bytes
    self.says = says
  }
}

@Suite struct BadFileTests {
  @Test(arguments: notGGUF + headers + keys + tensors + types)
  func isRefusedInOneLine(file: BadFile) throws {
    let error = try #require(try openError(file.bytes), "was accepted")
    let message = error.description
    #expect(message.contains("model.gguf: "))
    #expect(!message.contains { $0.isNewline })
    for part in file.says { #expect(message.contains(part)) }
  }

  static let start = RawFile().header()

  static let notGGUF = [
    BadFile("three bytes", RawFile().text("GGU"), says: "cut short after 3 bytes"),
    BadFile("zeros", RawFile().zeros(10_000), says: "interrupted download"),
    BadFile("web page", RawFile().text("<!DOCTYPE html><html>"), says: "web page"),
    BadFile("LFS", RawFile().text("version https://git-lfs.github.com/spec/v1\n"), says: "Git LFS pointer"),
    BadFile("safetensors", RawFile().u64(300).text("{\"__metadata__\":"), says: "safetensors", "convert"),
    BadFile("PyTorch", RawFile().text("PK\u{3}\u{4}archive/data.pkl"), says: "zip archive"),
    BadFile("old GGML", RawFile().text("tjgg").u32(3), says: "old GGML file"),
    BadFile("JSON", RawFile().text("{\"error\": \"not found\"}"), says: "JSON"),
    BadFile("gzip", RawFile().raw([0x1F, 0x8B, 8, 0]), says: "compressed"),
    BadFile("something", RawFile().raw([0xDE, 0xAD, 0x0B, 0xEF, 1]), says: "de ad 0b ef"),
    BadFile("upside down", RawFile().text("FUGG").u32(3), says: "46 55 47 47"),
  ]

  static let headers = [
    BadFile("only the magic", RawFile().text("GGUF"), says: "byte 4", "version"),
    BadFile("version 0", RawFile().header(version: 0), says: "byte 4", "big-endian"),
    BadFile("big-endian", RawFile().text("GGUF").raw([0, 0, 0, 3]).zeros(16), says: "byte 4", "big-endian"),
    BadFile("version 1", RawFile().header(version: 1), says: "byte 4", "version 1", "convert"),
    BadFile("version 4", RawFile().header(version: 4), says: "byte 4", "version 4"),
    BadFile("no counts", RawFile().text("GGUF").u32(3), says: "byte 8", "number of tensors"),
    BadFile("one count", RawFile().text("GGUF").u32(3).i64(0), says: "byte 16", "key-value pairs"),
    BadFile("negative tensors", RawFile().header(tensors: -1), says: "byte 8", "-1 tensors"),
    BadFile("2^62 tensors", RawFile().header(tensors: 1 << 62), says: "byte 8", "cannot hold"),
    BadFile("negative entries", RawFile().header(entries: .min), says: "byte 16", "cannot hold"),
    BadFile("2^40 entries", RawFile().header(entries: 1 << 40), says: "byte 16", "1099511627776"),
  ]

  private static func entry(_ key: String, _ type: UInt32) -> RawFile {
    RawFile().header(entries: 1).key(key, type)
  }

  static let keys = [
    BadFile("empty key", entry("", 4).u32(0), says: "byte 24", "key is empty"),
    BadFile("endless key", RawFile().header(entries: 1).u64(.max).zeros(20), says: "byte 24", "2^30"),
    BadFile(
      "key past the end", RawFile().header(entries: 1).u64(100).zeros(20), says: "byte 32", "cut short"),
    BadFile(
      "repeated key", RawFile().header(entries: 2).key("a", 4).u32(0).key("a", 4).u32(0).zeros(8),
      says: "key “a”", "twice"),
    BadFile("unknown value type", entry("abc", 13).zeros(8), says: "key “abc”", "type 13"),
    BadFile("negative value type", entry("abc", .max).zeros(8), says: "key “abc”", "type 4294967295"),
    BadFile("no value", entry("abcde", 4), says: "“abcde”", "cut short"),
    BadFile("half a number", entry("a", 10).u32(0), says: "“a”", "cut short"),
    BadFile("string past the end", entry("a", 8).u64(50).text("abc"), says: "“a”", "cut short"),
    BadFile("string of 2^64", entry("a", 8).u64(.max).text("abc"), says: "“a”", "2^30"),
    BadFile("list of lists", entry("a", 9).u32(9).u64(1).zeros(20), says: "key “a”", "list of lists"),
    BadFile("list of unknown type", entry("a", 9).u32(77).u64(1).zeros(8), says: "key “a”", "type 77"),
    BadFile("list of 2^64", entry("a", 9).u32(0).u64(.max), says: "key “a”", "cannot hold"),
    BadFile(
      "list whose size overflows", entry("a", 9).u32(10).u64(1 << 61 + 1).zeros(8),
      says: "key “a”", "2305843009213693953"),
    BadFile("list past the end", entry("a", 9).u32(4).u64(5).zeros(16), says: "key “a”", "5 elements"),
    BadFile(
      "strings past the end", entry("a", 9).u32(8).u64(2).string("x").u64(9).text("y"),
      says: "element 1 of “a”", "cut short"),
    BadFile("no list length", entry("a", 9).u32(4).u32(0), says: "“a”", "cut short"),
    BadFile("alignment 0", entry("general.alignment", 4).u32(0), says: "key “general.alignment”"),
    BadFile("alignment 24", entry("general.alignment", 4).u32(24), says: "key “general.alignment”"),
    BadFile("alignment u64", entry("general.alignment", 10).u64(32), says: "key “general.alignment”", "u32"),
    BadFile("alignment text", entry("general.alignment", 8).string("32"), says: "key “general.alignment”"),
    BadFile(
      "architecture 7", entry("general.architecture", 4).u32(7), says: "general.architecture", "uint32 7"),
    BadFile("control characters", entry("\u{1B}[2J\na", 77), says: "“\\u{1b}[2J\\u{a}a”"),
    BadFile("endless name", entry(String(repeating: "k", count: 9_999), 77), says: "kkkk…”"),
  ]

  private static func tensor(
    _ name: String, _ shape: [Int64], type: UInt32 = 0, offset: UInt64 = 0
  ) -> RawFile {
    RawFile().header(tensors: 1).tensor(name, shape, type: type, offset: offset)
  }

  static let tensors = [
    BadFile("name of 64", tensor(String(repeating: "n", count: 64), [1]), says: "byte 24", "64 bytes"),
    BadFile("endless name", RawFile().header(tensors: 1).u64(1 << 62).zeros(40), says: "byte 24", "2^30"),
    BadFile("five dimensions", tensor("t", [1, 1, 1, 1, 1]).zeros(64), says: "tensor “t”", "5 dimensions"),
    BadFile(
      "2^32 dimensions", RawFile().header(tensors: 1).string("t").u32(.max).zeros(64),
      says: "tensor “t”", "4294967295 dimensions"),
    BadFile("negative extent", tensor("t", [-4]).zeros(64), says: "tensor “t”", "extent of -4"),
    BadFile("no extent", tensor("t", [4, 0]).zeros(64), says: "tensor “t”", "extent of 0"),
    BadFile("overflowing extents", tensor("t", [1 << 40, 1 << 40]).zeros(64), says: "tensor “t”", "counted"),
    BadFile("overflowing bytes", tensor("t", [1 << 62]).zeros(64), says: "tensor “t”", "bytes than can be"),
    BadFile("no type", RawFile().header(tensors: 1).string("t").u32(1).i64(1).zeros(2), says: "tensor “t”"),
    BadFile("half a block", tensor("t", [33], type: 2).zeros(64), says: "tensor “t”", "rows of 33", "Q4_0"),
    BadFile("a scalar block", tensor("t", [], type: 12).zeros(200), says: "tensor “t”", "Q4_K", "256"),
    BadFile("offset 32", tensor("t", [8], offset: 32).zeros(90), says: "tensor “t”", "offset 32, not 0"),
    BadFile("offset 2^64", tensor("t", [8], offset: .max).zeros(90), says: "tensor “t”", "not 0"),
    BadFile("data past the end", tensor("t", [8]).pad(to: 32).zeros(31), says: "tensor “t”", "32 bytes"),
    BadFile("no data", tensor("t", [8]), says: "tensor “t”", "past the end"),
    BadFile(
      "2^60 bytes", tensor("t", [1 << 30, 1 << 28]).pad(to: 32).zeros(64), says: "tensor “t”", "past the end"),
    BadFile(
      "overlap", RawFile().header(tensors: 2).tensor("a", [8]).tensor("b", [8]).pad(to: 32).zeros(64),
      says: "tensor “b”", "offset 0, not 32"),
    BadFile(
      "a gap",
      RawFile().header(tensors: 2).tensor("a", [8]).tensor("b", [8], offset: 64).pad(to: 32).zeros(96),
      says: "tensor “b”", "offset 64, not 32"),
    BadFile(
      "repeated name",
      RawFile().header(tensors: 2).tensor("a", [8]).tensor("a", [8], offset: 32).pad(to: 32).zeros(64),
      says: "tensor “a”", "twice"),
    BadFile(
      "sum of sizes that overflows",
      RawFile().header(tensors: 2).tensor("a", [1 << 59]).tensor("b", [1 << 59], offset: 1 << 61).pad(to: 32),
      says: "tensor “a”", "past the end"),
    BadFile(
      "alignment of 2 GiB",
      RawFile().header(tensors: 1, entries: 1).key("general.alignment", 4).u32(1 << 31).tensor("t", [1])
        .zeros(99),
      says: "tensor “t”", "past the end"),
  ]

  static let types =
    [4, 5, 31, 32, 33, 36, 37, 38].map {
      BadFile("withdrawn type \($0)", tensor("t", [256], type: $0).zeros(600), says: "tensor “t”", "withdrew")
    }
    + [43, 1000, UInt32.max].map {
      BadFile("unknown type \($0)", tensor("t", [256], type: $0).zeros(600), says: "tensor “t”", "\($0)")
    }
    + [(37, "I8_S"), (38, "TL1"), (39, "TL2")].map { (id, name) in
      BadFile(
        "BitNet \(name)",
        RawFile().header(tensors: 1, entries: 1).key("general.architecture", 8).string("bitnet-b1.58")
          .tensor("t", [256], type: id).zeros(600),
        says: "tensor “t”", name)
    }

  @Test func enough() {
    #expect((Self.notGGUF + Self.headers + Self.keys + Self.tensors + Self.types).count >= 75)
  }
}
