import ArgumentParser
import IO
import Inference
import Interface
import Sessions

struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open the terminal interface; without a terminal, a plain line mode.")
  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var sampling: SamplingArguments

  @Option(help: "Resume the session of this name; where there is none you are asked whether to begin it.")
  var session: String?

  @Flag(help: "Begin the session that --session names.")
  var new = false

  @Flag(name: .customLong("continue"), help: "Go on with the last session.")
  var goesOn = false

  @Option(help: "A theme's name: one of the program's, or a file in ~/.config/pare/themes.")
  var theme: String?

  @Option(help: "A file with a chat template (Jinja) that takes the place of the model's.")
  var template: String?

  @Option(help: "The system prompt of a new session.")
  var system: String?

  func validate() throws {
    if new, session == nil { throw ValidationError("--new: name the session by --session") }
    if goesOn, session != nil { throw ValidationError("give --continue or --session, not both") }
  }

  func run() async throws {
    let setup = try setup()
    switch try await MainActor.run(body: { try ChatInterface.run(setup) }) {
    case .quit(let session?): note("the session is kept: pare chat --session \(session)")
    case .quit(nil): break
    case .unsaved(let reason): throw UnsavedSession(description: "the session is not saved: \(reason)")
    case .signal(let number): throw ExitCode(128 + number)
    case .noModel(let message): throw InputError(description: message)
    }
  }

  private struct UnsavedSession: Error, CustomStringConvertible {
    let description: String
  }

  private func setup() throws -> ChatSetup {
    let directories = Directories()
    let checked = try CheckedSettings(directories), settings = checked.settings
    let models = try ModelStore(
      folder: directories.models, catalogue: .load(from: directories.catalogueFile))
    let remembered = RememberedState.load(from: directories.rememberedFile)

    let start = try SessionChoice(
      name: session, isNew: new, goesOn: goesOn, SessionStore(directory: directories.sessions),
      remembered: remembered.lastSession)
    var setup = try ChatSetup(
      directories: directories, models: models,
      model: model.url(start, among: models).path)
    setup.loading = try model.loadOptions()
    setup.loading.template = try chatTemplate(template)
    setup.session = start.name?.description
    setup.theme = theme
    setup.defaultTheme = settings.theme ?? remembered.theme ?? setup.defaultTheme
    setup.plan = try plan.file()
    setup.planName = plan.plan
    setup.defaults = SessionDefaults(
      sampling: try sampling.choices(), system: system ?? settings.system,
      contextPolicy: settings.contextPolicy)
    setup.keys = checked.keys
    setup.notes = start.notes + checked.problems
    return setup
  }
}
