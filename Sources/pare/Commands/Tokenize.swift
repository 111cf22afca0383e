import ArgumentParser
import Foundation
import GGUF
import IO
import Tokenization

struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the token ids of a text, byte for byte.")

  @OptionGroup var model: ModelOptions

  @Option(name: [.short, .long], help: "The text (default: stdin).")
  var file: String?

  @Flag(help: "Read special tokens such as <|im_start|> as tokens, not as text.")
  var special = false

  @Flag(help: "Begin with the token that begins a text.")
  var bos = false

  @Flag(help: "The input is a JSON list of strings; print a list of id lists.")
  var batch = false

  @Flag(help: "Print JSON.")
  var json = false

  private struct Output: Encodable {
    var ids: [Token]
    var pieces: [String]
  }

  func run() throws {
    let tokenizer = try Tokenizer(metadata: GGUFFile(path: model.url().path).metadata)
    let data = try input(file)
    if batch {
      guard let texts = try? JSONDecoder().decode([String].self, from: data) else {
        throw InputError(description: "\(file ?? "stdin"): --batch needs a JSON list of strings")
      }
      return try printJSON(texts.map { encode(Data($0.utf8), tokenizer) })
    }
    let ids = encode(data, tokenizer)
    if json {
      let pieces = ids.map { String(decoding: tokenizer.piece($0, special: true), as: UTF8.self) }
      try printJSON(Output(ids: ids, pieces: pieces))
    } else {
      try printLine(ids.map(String.init).joined(separator: " "))
    }
  }

  private func encode(_ text: Data, _ tokenizer: Tokenizer) -> [Token] {
    let ids = tokenizer.encode(text, parsesSpecial: special)
    return bos ? (tokenizer.bos.map { [$0] } ?? []) + ids : ids
  }
}
