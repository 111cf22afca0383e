import Foundation
import IO
import Sessions
import TOMLKit

/// The themes of the program itself and of the user's configuration folder, whose files win.
public struct ThemeCatalog: Sendable {
  /// `~/.config/pare/themes`, or what the XDG variables make of it.
  public var userFolder: URL?

  /// - Parameter userFolder: nil for the themes of the program alone.
  public init(userFolder: URL?) { self.userFolder = userFolder }

  /// In place of a theme's name: the one that suits the terminal's background. That of a program without
  /// settings.
  public static let automaticName = "auto"

  /// The files of the repository's `themes` folder, carried inside the binary.
  static let builtIn: [String: [UInt8]] = [
    "dark": PackageResources.dark_toml,
    "light": PackageResources.light_toml,
    "high-contrast": PackageResources.high_contrast_toml,
    "mono": PackageResources.mono_toml,
    "midnight": PackageResources.midnight_toml,
    "ember": PackageResources.ember_toml,
    "paper": PackageResources.paper_toml,
    "blue-orange": PackageResources.blue_orange_toml,
  ]

  /// The names of all themes, sorted.
  public var names: [String] {
    let files = userFolder.flatMap {
      try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
    }
    let own = (files ?? []).filter { $0.pathExtension == "toml" }.map {
      $0.deletingPathExtension().lastPathComponent
    }
    return Set(own + Self.builtIn.keys).sorted()
  }

  /// Reads a theme.
  ///
  /// - Throws: ``ThemeError`` if there is none of that name, or its file has mistakes.
  public func theme(_ name: String) throws(ThemeError) -> Theme { try theme(name, depth: 0) }

  private func theme(_ name: String, depth: Int) throws(ThemeError) -> Theme {
    guard depth < 8 else { throw ThemeError("theme \(name): themes inherit from each other in a circle") }
    let (text, place) = try source(name)
    return try Theme(toml: text, name: name, place: place) { parent throws(ThemeError) in
      try theme(parent, depth: depth + 1)
    }
  }

  private func source(_ name: String) throws(ThemeError) -> (text: String, place: String) {
    // The name goes into a path: what could leave the folder is no name.
    if let userFolder, !name.contains("/"), !name.hasPrefix(".") {
      let file = userFolder.appendingPathComponent(name + ".toml")
      if FileManager.default.fileExists(atPath: file.path) {
        do { return (try TOMLTable.text(contentsOf: file), file.path) } catch {
          throw ThemeError("\(error)")
        }
      }
    }
    guard let bytes = Self.builtIn[name] else {
      throw ThemeError("no theme “\(name.sanitized)”: there are \(names.joined(separator: ", "))")
    }
    return (String(decoding: bytes, as: UTF8.self), "theme \(name)")
  }
}
