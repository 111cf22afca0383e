import Foundation

/// Addresses that models are fetched from.
enum WebAddress {
  /// Reads an `https` address. Plain `http` is allowed on this machine's own addresses only, where nobody in
  /// between can change the file.
  static func parse(_ text: String) throws(DownloadError) -> URL {
    guard let url = URL(string: text), let host = url.host(), !host.isEmpty else {
      throw DownloadError("“\(text.printable)” is not an address: write https://HOST/PATH/FILE.gguf")
    }
    guard isSafe(url) else {
      throw DownloadError("\(text.printable): only https addresses are fetched")
    }
    return url
  }

  /// - Parameter plainHTTP: Whether `http` is allowed from anywhere.
  static func isSafe(_ url: URL, plainHTTP: Bool = false) -> Bool {
    switch url.scheme?.lowercased() {
    case "https": true
    case "http": plainHTTP || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(url.host()?.lowercased())
    default: false
    }
  }

  /// The address behind `hf:OWNER/REPO/FILE.gguf` (FILE may be in folders): the main revision of a repository
  /// on Hugging Face.
  static func huggingFace(_ text: some StringProtocol) throws(DownloadError) -> URL {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
      throw DownloadError("“hf:\(String(text).printable)”: write hf:OWNER/REPO/FILE.gguf")
    }
    var url = URL(string: "https://huggingface.co")!
    for part in parts[..<2] { url.append(component: String(part)) }
    url.append(path: "resolve/main")
    for part in parts[2...] { url.append(component: String(part)) }
    return url
  }
}
