import Foundation
import Testing

@testable import GGUF

/// Builds files byte by byte, well formed or not, without the code under test.
struct RawFile {
  var bytes: [UInt8] = []

  func raw(_ more: some Sequence<UInt8>) -> RawFile { RawFile(bytes: bytes + Array(more)) }
  func text(_ text: String) -> RawFile { raw(text.utf8) }
  func u8(_ value: UInt8) -> RawFile { raw([value]) }
  func u16(_ value: UInt16) -> RawFile { number(value) }
  func u32(_ value: UInt32) -> RawFile { number(value) }
  func u64(_ value: UInt64) -> RawFile { number(value) }
  func i64(_ value: Int64) -> RawFile { number(value) }
  func string(_ value: String) -> RawFile { u64(UInt64(value.utf8.count)).text(value) }
  func zeros(_ count: Int) -> RawFile { raw(repeatElement(0, count: count)) }

  func pad(to alignment: Int) -> RawFile { zeros((alignment - bytes.count % alignment) % alignment) }

  func header(tensors: Int64 = 0, entries: Int64 = 0, version: UInt32 = 3) -> RawFile {
    text("GGUF").u32(version).i64(tensors).i64(entries)
  }

  /// A key and the code of its type; the value follows.
  func key(_ key: String, _ type: UInt32) -> RawFile { string(key).u32(type) }

  func tensor(_ name: String, _ shape: [Int64], type: UInt32 = 0, offset: UInt64 = 0) -> RawFile {
    shape.reduce(string(name).u32(UInt32(shape.count))) { $0.i64($1) }.u32(type).u64(offset)
  }

  private func number<T: FixedWidthInteger>(_ value: T) -> RawFile {
    raw(withUnsafeBytes(of: value.littleEndian) { Array($0) })
  }
}

/// A folder that goes away with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "pare-gguf-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(path)/\(name)"
    unlink(path)
    // Not by Data.write, which waits for the disk.
    let stream = try #require(fopen(path, "w"))
    #expect(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
    fclose(stream)
    return path
  }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// Opens bytes as a file; the error if they are refused.
func openError(_ bytes: [UInt8]) throws -> GGUFError? {
  let folder = try TemporaryFolder()
  let path = try folder.file("model.gguf", bytes)
  do {
    _ = try GGUFFile(path: path)
    return nil
  } catch {
    return error
  }
}
