import ArgumentParser
import Foundation

/// What ArgumentParser tells of a command or a group of options.
struct HelpDump: Decodable {
  var command: Command

  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var shouldDisplay: Bool?
    var subcommands: [Command]?
    var arguments: [Argument]?
  }

  struct Argument: Decodable, Hashable {
    var kind: String
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var isOptional: Bool
    var shouldDisplay: Bool

    struct Name: Decodable, Hashable {
      var kind: String
      var name: String
      var spelling: String { (kind == "long" ? "--" : "-") + name }
    }

    /// `-m, --model <model>`
    var usage: String {
      guard let names, kind != "positional" else { return "<\(valueName ?? "")>" }
      let spellings = names.map(\.spelling).joined(separator: ", ")
      return kind == "option" ? "\(spellings) <\(valueName ?? "")>" : spellings
    }
  }

  init(_ type: any ParsableArguments.Type) throws {
    self = try JSONDecoder().decode(HelpDump.self, from: Data(type._dumpHelp().utf8))
  }

  /// All arguments but those that every command has.
  static func arguments(_ command: Command) -> [Argument] {
    (command.arguments ?? []).filter { argument in
      argument.shouldDisplay && !(argument.names ?? []).contains { ["help", "version"].contains($0.name) }
    }
  }
}
