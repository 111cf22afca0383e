/// Formats that are mistaken for GGUF, told by their first bytes, so that the error can say what to do.
enum Masquerade {
  static func error(_ bytes: UnsafeRawBufferPointer, _ file: String) -> GGUFError {
    let guess = looks.first { look in
      bytes.count >= look.offset + look.prefix.utf8.count
        && bytes[look.offset...].starts(with: look.prefix.utf8)
    }
    if let guess { return GGUFError(file: file, "is not a GGUF file but \(guess.advice)") }
    if bytes.prefix(4096).allSatisfy({ $0 == 0 }) {
      return GGUFError(
        file: file, "is not a GGUF file but zeros, as an interrupted download leaves: fetch it again")
    }
    if "GGUF".utf8.starts(with: bytes) {
      return GGUFError(file: file, "is cut short after \(bytes.count) bytes: download it again")
    }
    let start = bytes.prefix(4).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return GGUFError(
      file: file, "is not a GGUF file: it starts with bytes \(start.joined(separator: " ")) instead of “GGUF”"
    )
  }

  private static let looks: [(offset: Int, prefix: String, advice: String)] = [
    (0, "version https://git-lfs", "a Git LFS pointer: run “git lfs pull”, or download the file itself"),
    (0, "<!DOCTYPE", "a web page: download the file itself, not its page"),
    (0, "<!doctype", "a web page: download the file itself, not its page"),
    (0, "<html", "a web page: download the file itself, not its page"),
    (0, "<?xml", "an XML document, perhaps a server's error: download the file again"),
    (0, "PK\u{3}\u{4}", "a zip archive, perhaps a PyTorch checkpoint: convert the model to GGUF"),
    (8, "{\"", "a safetensors file: convert the model to GGUF"),
    (0, "{", "JSON, perhaps a server's error: download the model itself"),
    (0, "lmgg", "an old GGML file: convert the model to GGUF"),
    (0, "fmgg", "an old GGML file: convert the model to GGUF"),
    (0, "tjgg", "an old GGML file: convert the model to GGUF"),
    (0, "\u{1F}", "a compressed file: unpack it first"),
    (0, "BZh", "a compressed file: unpack it first"),
    (0, "7z", "a compressed file: unpack it first"),
    (0, "\u{7F}ELF", "a program"),
    (0, "#!", "a script"),
  ]
}
