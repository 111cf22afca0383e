import ArgumentParser
import Foundation
import IO
import Inference
import Interface
import Sessions

extension SessionsCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a session for other programs, or as a page that plays it.",
      discussion: """
        The format “replay” is one page in HTML that plays the chat in a browser with its heatmaps, plans and \
        comparisons, without pare and without the network. A session keeps tokens and plans; the rest is computed \
        again by the models of its answers, where they are on this machine. Views: \
        \(HeatmapFile.viewNames.filter { $0 != "head" }.joined(separator: ", ")).
        """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var writing: OutputOptions

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    @Option(help: "md, json, html or replay (default: by the ending of -o).")
    var format: Format?

    @Option(name: [.short, .long], help: "The file (default: stdout).")
    var output: String?

    @Option(help: ArgumentHelp("Views of a replay, between commas.", valueName: "views"))
    var views = ReplayRecording.standardViews.joined(separator: ",")

    @Flag(help: "Make a replay without maps and KL, which need the model.")
    var withoutModel = false

    /// A form of a session in other files.
    enum Format: ExpressibleByArgument {
      case session(SessionFormat)
      case replay

      init?(argument: String) {
        if argument == "replay" {
          self = .replay
        } else if let format = SessionFormat(rawValue: argument) {
          self = .session(format)
        } else {
          return nil
        }
      }
    }

    private var chosenViews: [String] { views.split(separator: ",").map(String.init) }

    func validate() throws {
      if format == nil, output.flatMap({ SessionFormat(path: $0) }) == nil {
        throw ValidationError("give a --format: md, json, html or replay")
      }
      if let stray = chosenViews.first(where: { $0 == "head" || !HeatmapFile.viewNames.contains($0) }) {
        throw ValidationError("--views: there is no view “\(stray)” in replays")
      }
    }

    func run() throws {
      let (name, replay) = try read(name)
      let file = try output.map { try writing.file($0, inputs: [store.url(of: name).path]) }
      let format = format ?? output.flatMap { SessionFormat(path: $0) }.map { .session($0) } ?? .replay
      let text: String, isJSON: Bool
      switch format {
      case .session(let format): (text, isJSON) = (replay.export(as: format, name: name), format == .json)
      case .replay: (text, isJSON) = (try page(replay, name), false)
      }
      guard let file else { return try write(text, isJSON: isJSON) }
      try file.write(text.utf8)
      try file.finish()
    }

    /// The page, with what the models on this machine can compute again.
    private func page(_ replay: Replay, _ name: SessionName) throws -> String {
      guard !withoutModel else { return try ReplayPage(replay, name: name).html() }
      let directories = Directories(), options = try model.loadOptions()
      let models = try ModelStore(
        folder: directories.models, catalogue: .load(from: directories.catalogueFile))
      var report = ReplayReport()
      var missing: [String] = []
      Interrupt.watch()
      for reference in replay.session.conversation.models {
        guard let url = try model.model.map({ try models.resolve($0) }) ?? models.find(reference) else {
          missing.append("\(reference.name) is not on this machine: its answers have no maps")
          continue
        }
        var recording = ReplayRecording(replay.session)
        recording.views = chosenViews
        recording.damage = ReplayRecording.keptDamage(model: url.path, directories)
        let (part, isStopped) = try follow("recording", reporting: ReplayReport.self) {
          try recording.run(
            Model(path: url.path), threads: options.threads, weightCache: options.weightCache, $0)
        }
        if isStopped { throw CancellationError() }
        report.add(part)
      }
      missing.forEach(note)
      return try ReplayPage(replay, name: name, report: report, missing: missing.joined(separator: "; "))
        .html()
    }
  }
}
