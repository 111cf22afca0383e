import ArgumentParser
import GGUF
import Quantization
import Testing

@testable import Inference
@testable import Interface
@testable import Sessions
@testable import pare

/// The tables in the documents are those of the program. One after the other, since recorded sections share
/// files.
@Suite(.serialized) struct DocumentTests {
  @Test func keys() throws {
    let sections = KeyMap.sections.filter { !$0.keys.isEmpty }.map { section in
      ["### \(section.heading)", ""]
        + MarkdownTable(
          "key", "does", "in `[keys]`", rows: section.keys.map { Self.row($0, in: section) }
        ).lines
    }
    try DocumentSection("docs/keys-and-commands.md", "keys").expect(Array(sections.joined(separator: [""])))
  }

  private static func row(_ binding: KeyBinding, in section: any KeySection) -> [String] {
    [
      binding.chords.map(\.name.code).joined(separator: " "), binding.summary,
      "\(section.name).\(binding.action)".code,
    ]
  }

  @Test func commands() throws {
    try DocumentSection("docs/keys-and-commands.md", "commands").expect(
      MarkdownTable("command", "does", rows: Command.all.map { [$0.synopsis.code, $0.summary] }).lines)
  }

  /// The sampling options by all their names.
  @Test func sampling() throws {
    let arguments = HelpDump.arguments(try HelpDump(SamplingArguments.self).command)
    let rows = SamplingOption.all.map { option in
      let argument = arguments.first {
        ($0.names ?? []).contains { $0.name == option.key.replacing("_", with: "-") }
      }
      return [
        option.key.code, (argument?.names ?? []).map(\.spelling.code).joined(separator: ", "),
        option.text(in: .standard).code, option.range, argument?.abstract ?? "",
      ]
    }
    #expect(!rows.contains { $0.contains("") }, "an option of sampling is not on the command line")
    try DocumentSection("docs/command-line.md", "sampling").expect(
      MarkdownTable("option", "on the command line", "default", "takes", "does", rows: rows).lines)
  }

  @Test func settings() throws {
    try DocumentSection("docs/command-line.md", "settings").expect(
      MarkdownTable(
        "key", "such as", "takes", "does",
        rows: SettingsKey.all.map { [$0.name.code, $0.example.code, $0.takes, $0.summary] }
      ).lines)
  }

  /// The file that `pare config --init` writes has all options and actions, and is right when all are set.
  @Test func theCommentedSettings() throws {
    let text = Config.template()
    let all = text.split(separator: "\n").map {
      $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0
    }
    let (settings, warnings) = try Settings.read(
      TOMLDocument(all.joined(separator: "\n"), path: "settings.toml"))
    #expect(warnings == [])
    #expect(settings.sampling.over() == SamplingOptions.standard)
    #expect(settings.sampling.options.count == SamplingOption.all.count)
    let keys = KeyMap.make(changes: settings.keys, places: settings.keyPlaces)
    #expect(keys.warnings == [])
    for section in KeyMap.sections {
      for binding in section.keys {
        #expect(settings.keys["\(section.name).\(binding.action)"] != nil, "\(binding.action)")
        #expect(
          keys.map[section].first { $0.action == binding.action }?.chords == binding.chords.first.map { [$0] }
        )
      }
    }
  }

  @Test func commandLine() throws {
    let groups: [(String, any ParsableArguments.Type)] = [
      ("model", ModelOptions.self), ("plan", PlanOptions.self), ("prompt", PromptOptions.self),
      ("sampling", SamplingArguments.self),
    ]
    let shared = try groups.map { ($0, HelpDump.arguments(try HelpDump($1).command)) }
    var lines: [String] = []
    for (name, arguments) in shared where name != "sampling" {
      lines += ["### Options of the \(name)", ""] + table(arguments) + [""]
    }
    for command in try displayed(HelpDump(Pare.self).command) {
      let subcommands = displayed(command)
      lines += ["### `pare \(command.commandName)`", "", command.abstract ?? ""]
      for command in subcommands.isEmpty ? [command] : subcommands {
        var own = HelpDump.arguments(command), taken: [String] = []
        for (name, arguments) in shared where Set(arguments).isSubset(of: own) {
          own.removeAll(where: arguments.contains)
          taken.append(name)
        }
        if !subcommands.isEmpty { lines += ["", "**\(command.commandName)**: \(command.abstract ?? "")"] }
        if !taken.isEmpty { lines += ["", "Takes the options of \(taken.joined(separator: ", "))."] }
        if !own.isEmpty { lines += [""] + table(own) }
      }
      lines.append("")
    }
    try DocumentSection("docs/command-line.md", "commands").expect(lines.dropLast())
  }

  private func displayed(_ command: HelpDump.Command) -> [HelpDump.Command] {
    (command.subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
  }

  private func table(_ arguments: [HelpDump.Argument]) -> [String] {
    MarkdownTable("argument", "means", rows: arguments.map { [$0.usage.code, $0.abstract ?? ""] }).lines
  }

  @Test func catalogue() throws {
    let rows = Catalogue.builtIn.entries.map { entry in
      [
        entry.name.code, entry.bytes.map { Figures.bytes($0) } ?? "", entry.licence ?? "",
        entry.description ?? "",
      ]
    }
    try DocumentSection("docs/models.md", "catalogue").expect(
      MarkdownTable("name", "size", "licence", "model", rows: rows).lines)
  }

  @Test func architectures() throws {
    try DocumentSection("docs/models.md", "architectures").expect([
      Architecture.table.map(\.name.code).joined(separator: ", ")
    ])
  }

  @Test func missingArchitectures() throws {
    let rows = MissingArchitecture.kinds.map { kind, models in
      [
        kind,
        models.map { $0.name.code + ($0.nearest.map { " (\($0.code))" } ?? "") }.joined(separator: ", "),
      ]
    }
    try DocumentSection("docs/models.md", "missing-architectures").expect(
      MarkdownTable("what it is", "architecture (the nearest that works)", rows: rows).lines)
  }

  @Test func formats() throws {
    func bits(_ bytes: Int, _ weights: Int) -> String {
      let bits = Double(8 * bytes) / Double(weights)
      return bits == bits.rounded() ? "\(Int(bits))" : "\((bits * 1000).rounded() / 1000)"
    }
    // Activations, whole numbers, and doubles, which are rounded.
    let others: [BlockType] = [.q8_1, .q8_k, .f64, .i8, .i16, .i32, .i64]
    let weights = BlockType.allCases.filter { !others.contains($0) }
    let rows = weights.map { type in
      let format = PackedFormat(holding: type)
      return [
        type.name, bits(type.bytesPerBlock, type.elementsPerBlock), format.name,
        bits(format.tileBytes(columns: 4096), 16 * 4096),
      ]
    }
    try DocumentSection("docs/models.md", "formats").expect(
      MarkdownTable("type", "b/w in the file", "packed as", "b/w packed", rows: rows).lines)
  }
}
