import ArgumentParser
import IO
import Sessions
import Terminal

/// The command line. Without a subcommand it opens the terminal interface.
struct Pare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pare",
    abstract: "Chat with a local language model, see which layers are redundant, and pare them away.",
    version: "0.1.0",
    subcommands: [
      Chat.self, Run.self, Tokenize.self, Template.self, Score.self, Eval.self, Rank.self, Search.self,
      Compare.self, HeatmapCommand.self, Bench.self, Inspect.self, Export.self,
      Pull.self, Models.self, SessionsCommand.self, Config.self,
    ],
    defaultSubcommand: Chat.self)
}

@main
@MainActor
enum Main {
  static func main() async {
    StandardStreams.secure()
    CrashReport.install(
      program: "pare \(Pare.configuration.version)", path: Directories().logFile.path)
    do {
      var command = try Pare.parseAsRoot(Array(CommandLine.arguments.dropFirst()).joiningNegativeNumbers)
      let kind = type(of: command)
      CrashReport.set(.command, kind.configuration.commandName ?? "\(kind)".lowercased())
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try TextOutput.standard.flush()
      NextStart.keep()
    } catch {
      Failure(error, of: Pare.self).exit()
    }
  }
}
