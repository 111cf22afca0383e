import ArgumentParser
import Foundation
import IO
import Inference
import Interface
import Sessions

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the settings, and print what they change; or write a settings file to begin with.",
    discussion: "The exit code is 1 where the file cannot be read, or has a key that pare does not know.")

  @Flag(name: .customLong("init"), help: "Write settings.toml with every setting in it, as comments.")
  var begins = false

  @OptionGroup var writing: OutputOptions

  func run() throws {
    let directories = Directories(), url = directories.settingsFile
    if begins {
      try FileManager.default.createDirectory(at: directories.config, withIntermediateDirectories: true)
      let file = try writing.file(url.path, inputs: [])
      try file.write(Self.template().utf8)
      try file.finish()
      return note("written: \(url.path)")
    }
    guard FileManager.default.fileExists(atPath: url.path) else {
      return try printLine(
        "\(url.path) is not there: all settings have their defaults; pare config --init begins one")
    }
    let checked = try CheckedSettings(directories)
    let models = try ModelStore(
      folder: directories.models, catalogue: .load(from: directories.catalogueFile))
    let problems = checked.problems + [checked.modelProblem(models)].compactMap { $0 }
    try printLine(url.path)
    let changes = try Settings.withoutComments(url)
    if changes.isEmpty { note("it changes nothing") }
    for line in changes.split(separator: "\n") { try printLine("\(line)") }
    problems.forEach(note)
    if !problems.isEmpty { throw ExitCode(Failure.runtimeError) }
  }

  /// The file that `--init` writes.
  static func template() -> String {
    let options = SamplingOptions.standard
    let sampling = SamplingOption.all.map { option in
      let value = option.text(in: options)
      let toml = Double(value) == nil ? "'\(value)'" : value
      return Settings.Line(
        comment: "\(option.summary) Takes \(option.range).",
        setting: "\(option.key) = \(toml)")
    }
    return Settings.template(sampling: sampling, keys: KeyMap.settingsLines)
  }
}
