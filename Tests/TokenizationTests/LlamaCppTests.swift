import Foundation
import GGUF
import Testing
import Tokenization

/// A copy of llama.cpp's sources, with its vocabularies and expectations.
private let folder = ProcessInfo.processInfo.environment["PARE_LLAMACPP_DIR"]

private let names: [String] = {
  let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0 + "/models") } ?? []
  return files.filter { $0.hasSuffix(".gguf.inp") }.map { String($0.dropLast(4)) }.sorted()
}()

@Suite(.enabled(if: folder != nil, "PARE_LLAMACPP_DIR names no copy of llama.cpp"))
struct LlamaCppTests {

  @Test(arguments: names)
  func tokensAreThoseOfLlamaCpp(name: String) throws {
    let path = try #require(folder) + "/models/" + name
    let tokenizer = try Tokenizer(metadata: try GGUFFile(path: path).metadata)
    let input = try String(contentsOfFile: path + ".inp", encoding: .utf8)
    let output = try String(contentsOfFile: path + ".out", encoding: .utf8)
    let texts = input.components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = output.components(separatedBy: "\n")
    #expect(texts.count > 40)
    for (text, line) in zip(texts, lines) {
      let expected = line.split(separator: " ").compactMap { Token($0) }
      #expect(tokenizer.encode(text.utf8) == expected, "\(text.debugDescription)")
    }
  }
}
