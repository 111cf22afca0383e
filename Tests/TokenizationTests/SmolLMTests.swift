import Foundation
import ModelFiles
import Testing

@testable import Tokenization

/// SmolLM2's own vocabulary against Hugging Face's tokenizers; see `make_smollm.py` beside the fixture.
@Suite(.enabled(if: ModelFiles.areThere)) struct SmolLMTests {
  struct Case: Decodable {
    let text: String?
    let base64: String?
    let ids: [Token]
    /// With control tokens recognised, where that makes a difference.
    let special: [Token]?

    var bytes: [UInt8] { text.map { Array($0.utf8) } ?? Array(Data(base64Encoded: base64 ?? "") ?? Data()) }
  }

  static func cases() throws -> [Case] {
    let url = try #require(
      Bundle.module.url(forResource: "smollm", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
  }

  @Test func tokensAreThoseOfHuggingFace() throws {
    let tokenizer = try RealModel.tokenizer.get()
    let cases = try Self.cases()
    #expect(cases.count > 600)
    for item in cases {
      let found = tokenizer.encode(item.bytes)
      #expect(found == item.ids, "\(String(decoding: item.bytes, as: UTF8.self).debugDescription)")
    }
  }

  @Test func controlTokensAreThoseOfHuggingFace() throws {
    let tokenizer = try RealModel.tokenizer.get()
    let cases = try Self.cases().filter { $0.text != nil }
    #expect(cases.count { $0.special != nil } > 15)
    for item in cases {
      let found = tokenizer.encode(item.bytes, parsesSpecial: true)
      #expect(found == item.special ?? item.ids, "\(item.text.debugDescription)")
    }
  }
}
