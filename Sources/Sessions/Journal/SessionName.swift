import Foundation

/// The name of a session, which is also its file's name without `.jsonl`.
///
/// Names come from the command line and from messages, so they are held to letters, digits, spaces and `-_.`:
/// nothing that could leave the sessions folder, hide a file, be taken for an option or steer a terminal.
public struct SessionName: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  /// The longest name in UTF-8 bytes; with the suffix it stays below the 255 that file systems allow.
  static let maximumBytes = 200

  /// Checks a name that the user chose.
  public init(_ text: String) throws(JournalError) {
    func refuse(_ why: String) -> JournalError { .invalidName(text, why: why) }
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
      throw refuse("it is empty")
    }
    guard text.utf8.count <= Self.maximumBytes else {
      throw refuse("it is longer than \(Self.maximumBytes) bytes")
    }
    guard Self.isLetterOrDigit(first) else { throw refuse("it must begin with a letter or digit") }
    guard last != " " else { throw refuse("it ends with a space") }
    guard
      text.unicodeScalars.allSatisfy({
        Self.isLetterOrDigit($0) || Self.isMark($0) || " -_.".unicodeScalars.contains($0)
      })
    else { throw refuse("use letters, digits, spaces and - _ .") }
    description = text
  }

  private init(unchecked text: String) { description = text }

  /// The name of a session before its first message: `2026-11-24-093015`.
  static func provisional(at date: Date) -> SessionName {
    SessionName(unchecked: stamp(date, time: true))
  }

  /// A name of date and first words: `2026-11-24-why-is-the-sky-blue`; nil if the text holds no words.
  static func automatic(for text: String, at date: Date) -> SessionName? {
    var slug = ""
    let words = text.prefix(400).lowercased().unicodeScalars
      .split { !isLetterOrDigit($0) && !isMark($0) }
      .map { String(String.UnicodeScalarView($0)) }
      .filter { $0.unicodeScalars.first.map(isLetterOrDigit) == true }
    for word in words.prefix(6) {
      let word = word.prefix(30)
      guard slug.count + word.count < 45 else { break }
      slug += "-" + word
    }
    return slug.isEmpty ? nil : try? SessionName(stamp(date, time: false) + slug)
  }

  /// The name with a number, for when it is taken: `NAME-2`.
  func numbered(_ number: Int) -> SessionName {
    var base = description
    while base.utf8.count > Self.maximumBytes - 8 { base.removeLast() }
    return SessionName(unchecked: "\(base)-\(number)")
  }

  private static func stamp(_ date: Date, time: Bool) -> String {
    let parts = Calendar(identifier: .gregorian)
      .dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    func digits(_ value: Int?, _ count: Int) -> String {
      let text = String(value ?? 0)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let day = "\(digits(parts.year, 4))-\(digits(parts.month, 2))-\(digits(parts.day, 2))"
    guard time else { return day }
    return day + "-" + digits(parts.hour, 2) + digits(parts.minute, 2) + digits(parts.second, 2)
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      true
    default: false
    }
  }

  /// Vowel signs and accents, without which many scripts cannot be written.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark: true
    default: false
    }
  }
}
