import Foundation
import IO
import Sessions
import TOMLKit
import Terminal

/// A theme file that cannot be used; one line that says which, what and where.
public struct ThemeError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}

// A theme file:
//
//     summary = "for bright rooms"
//     inherits = "light"           # optional: another theme gives what this one leaves out
//     ramp = "cividis"             # viridis, cividis, grey or mono
//     [styles]
//     text = { fg = 236, bg = "white" }
//     title = { fg = "#005f87", bold = true }
//
// Colours are palette numbers, names, `#rrggbb` (on terminals with 256 colours the nearest of these) or
// "default", the terminal's own.

extension Theme {
  /// Reads a theme file's text.
  ///
  /// - Parameters:
  ///   - place: names the file in errors.
  ///   - parent: finds the theme that the file inherits from.
  init(
    toml: String, name: String, place: String, parent: (String) throws(ThemeError) -> Theme
  ) throws(ThemeError) {
    let file: ThemeFile
    do {
      // Through JSON, because TOMLKit's own decoder takes a value of the wrong kind for a missing one.
      // Only these options: others write numbers as they were, such as 0xFC, which JSON does not know.
      let json = try TOMLTable(checking: toml)
        .convert(to: .json, options: [.quoteDateAndTimes, .quoteInfinitesAndNaNs])
      file = try JSONDecoder().decode(ThemeFile.self, from: Data(json.utf8))
    } catch {
      throw ThemeError("\(place): \(describe(error))")
    }
    var base: Theme?
    if let inherits = file.inherits {
      guard inherits != name else {
        throw ThemeError("\(place): inherits: a theme cannot inherit from itself")
      }
      base = try parent(inherits)
    }
    var styles = base?.definedStyles ?? [:]
    for (key, style) in file.styles ?? [:] {
      guard let element = Element(rawValue: key) else {
        let known = Element.allCases.map(\.rawValue).joined(separator: ", ")
        throw ThemeError("\(place): styles.\(key): no such element; elements are \(known)")
      }
      styles[element] = style.style
    }
    guard base != nil || file.styles?["text"] != nil else {
      throw ThemeError("\(place): styles.text is missing: give it, or inherit from another theme")
    }
    guard base != nil || file.ramp != nil else {
      throw ThemeError("\(place): ramp is missing: use one of \(RampName.spellings)")
    }
    let ramp = file.ramp.map(\.ramp) ?? base?.ramp ?? nil
    self.init(name: name, summary: (file.summary ?? "").sanitized, ramp: ramp, styles: styles)
  }
}

private struct ThemeFile: Decodable {
  var summary: String?
  var inherits: String?
  var ramp: RampName?
  var styles: [String: StyleFile]?

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(["summary", "inherits", "ramp", "styles"])
    summary = try container.decodeIfPresent(String.self, forKey: "summary")
    inherits = try container.decodeIfPresent(String.self, forKey: "inherits")
    ramp = try container.decodeIfPresent(RampName.self, forKey: "ramp")
    styles = try container.decodeIfPresent([String: StyleFile].self, forKey: "styles")
  }
}

private struct RampName: Decodable {
  var ramp: Ramp?

  private static let ramps: KeyValuePairs<String, Ramp?> = [
    "viridis": .viridis, "cividis": .cividis, "grey": .grey, "mono": nil,
  ]
  static let spellings = ramps.map(\.key).joined(separator: ", ")

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let known = Self.ramps.first(where: { $0.key == name }) else {
      throw container.invalid("no ramp “\(name)”: use one of \(Self.spellings)")
    }
    ramp = known.value
  }
}

private struct StyleFile: Decodable {
  var style = Style.plain

  private static let attributes: KeyValuePairs<String, Attributes> = [
    "bold": .bold, "dim": .dim, "italic": .italic, "underline": .underline, "reverse": .reverse,
  ]

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(["fg", "bg"] + Self.attributes.map(\.key))
    style.foreground = try container.decodeIfPresent(ColorName.self, forKey: "fg")?.color
    style.background = try container.decodeIfPresent(ColorName.self, forKey: "bg")?.color
    for (key, attribute) in Self.attributes {
      if try container.decodeIfPresent(Bool.self, forKey: AnyKey(key)) == true {
        style.attributes.insert(attribute)
      }
    }
  }
}

private struct ColorName: Decodable {
  /// nil is the terminal's own.
  var color: Color?

  private static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      guard let index = UInt8(exactly: number) else {
        throw container.invalid("colour \(number) is not in the palette: numbers are 0…255")
      }
      color = Color(index)
      return
    }
    let name = try container.decode(String.self)
    if name == "default" { return }
    if let index = Self.names.firstIndex(of: name) {
      color = Color(UInt8(index))
    } else if name.first == "#", name.utf8.count == 7, let rgb = UInt32(name.dropFirst(), radix: 16) {
      color = Color(
        RGB(red: UInt8(rgb >> 16), green: UInt8(rgb >> 8 & 255), blue: UInt8(rgb & 255)))
    } else {
      throw container.invalid(
        "no colour “\(name)”: use 0…255, #rrggbb, a name such as bright-blue, or default")
    }
  }
}

// MARK: - Strict decoding

private struct AnyKey: CodingKey, ExpressibleByStringLiteral {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ text: String) { stringValue = text }
  init(stringLiteral text: String) { stringValue = text }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// A container whose stray keys are errors, so that a typing mistake does not pass unseen.
  fileprivate func strictContainer(_ known: [String]) throws -> KeyedDecodingContainer<AnyKey> {
    let container = try container(keyedBy: AnyKey.self)
    if let stray = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath + [stray],
          debugDescription: "unknown key; keys here are \(known.joined(separator: ", "))"))
    }
    return container
  }
}

extension SingleValueDecodingContainer {
  fileprivate func invalid(_ message: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: message))
  }
}

private func describe(_ error: any Error) -> String {
  func at(_ path: [any CodingKey], _ what: String) -> String {
    (path.isEmpty ? what : path.map(\.stringValue).joined(separator: ".") + ": " + what).sanitized
  }
  switch error {
  case let error as TOMLLimitError: return "line \(error.line), column \(error.column): \(error)"
  case let error as TOMLParseError:
    return "line \(error.source.begin.line), column \(error.source.begin.column): \(error.description)"
      .sanitized
  case DecodingError.dataCorrupted(let context): return at(context.codingPath, context.debugDescription)
  case DecodingError.typeMismatch(let type, let context):
    return at(
      context.codingPath,
      "expected \(type == String.self ? "a text" : type == Bool.self ? "true or false" : "a table")")
  case DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context):
    return at(context.codingPath, context.debugDescription)
  default: return "\(error)".sanitized
  }
}
