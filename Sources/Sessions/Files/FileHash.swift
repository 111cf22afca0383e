import CCrypto
import Foundation
import Glibc

/// Hashes by the system's OpenSSL.
public enum FileHash {
  /// A text's hash as a Content Security Policy names it (W3C, "Content Security Policy Level 3", hash-source):
  /// `sha256-` and Base64.
  public static func source(_ text: String) -> String {
    var digest = Data(count: 32)
    _ = digest.withUnsafeMutableBytes { digest in
      Data(text.utf8).withUnsafeBytes {
        EVP_Digest(
          $0.baseAddress, $0.count, digest.baseAddress!.assumingMemoryBound(to: UInt8.self), nil,
          EVP_sha256(), nil)
      }
    }
    return "sha256-" + digest.base64EncodedString()
  }

  /// SHA-256 of a file in lower-case hexadecimal, read in pieces.
  ///
  /// - Throws: `CancellationError`; `FileDescriptor.Failure` when reading fails; ``FileError`` without
  ///   SHA-256.
  static func sha256(of url: URL, progress: (Int, Int) -> Void = { _, _ in }) throws -> String {
    let file = try FileDescriptor(url.path, O_RDONLY)
    let total = Int(try file.status().st_size)
    guard let context = EVP_MD_CTX_new() else { throw FileDescriptor.Failure(code: ENOMEM) }
    defer { EVP_MD_CTX_free(context) }
    // These fail only where the system's OpenSSL is set up to forbid SHA-256.
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw FileError("the system's OpenSSL refuses SHA-256")
    }
    var offset = 0
    while case let piece = try file.read(from: offset, count: 1 << 20), !piece.isEmpty {
      try Task.checkCancellation()
      _ = piece.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      offset += piece.count
      progress(offset, total)
    }
    return hexadecimal { _ = EVP_DigestFinal_ex(context, $0, $1) }
  }

  /// SHA-256 of bytes in lower-case hexadecimal.
  static func sha256(of data: Data) -> String {
    hexadecimal { digest, count in
      _ = data.withUnsafeBytes { EVP_Digest($0.baseAddress, $0.count, digest, count, EVP_sha256(), nil) }
    }
  }

  private static func hexadecimal(
    _ fill: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt32>) -> Void
  ) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    fill(&digest, &count)
    return digest.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
