import Analysis
import Engine
import Foundation
import Inference
import Sessions
import Terminal

/// Work that `update` asks for outside of the state. ``EffectRunner`` does it in order, and answers by
/// ``AppEvent``s.
enum Effect: Sendable {
  case engine(EngineCommand)
  /// Stops the answer under way.
  case interrupt
  /// Has the engine compute and report it from now on; nil for nothing.
  case watch(Watch?)
  /// Begins an analysis.
  case analyse(any AnalysisRequest)
  /// Stops the analysis under way.
  case stopAnalysis
  /// Keeps a report of the analysis that was begun last for another time.
  case keep(any AnalysisReport)
  /// Finds the model by name or path and has the engine load it.
  case loadModel(String)
  /// Goes to the journal before anything else shows it.
  case journal(SessionEvent, at: Date)
  /// Goes on with a session that is there.
  case openSession(String)
  /// Begins a session; without a name it gets one from what is said.
  case newSession(String?)
  case sessions(SessionsEffect)
  /// Looks into the models to choose from, and lists `others` with them.
  case inspectModels(others: [String])
  /// Fetches a model.
  case pull(String)
  case stopPull

  /// `replaces`: whether another plan of that name may be replaced.
  case savePlan(Plan, name: String, model: String?, replaces: Bool)
  case loadPlan(String)
  case loadTheme(String)
  /// Adds the contents of the files that a message names to it.
  case attachFiles(String)
  /// Looks whether a file can be sent.
  case checkFile(String)
  /// Looks for the names in a folder.
  case listFolder(String)
  /// Keeps a named prompt; `replaces`: whether another of that name may be replaced.
  case savePrompt(String, name: String, replaces: Bool)
  case loadPrompt(String, PromptUse)
  /// Keeps panes and their sizes for the next start.
  case rememberLayout(RememberedState.Layout)
  /// Keeps how a model shall think, by its name, for the next start.
  case rememberThinking(model: String, RememberedState.Thinking)
  /// Looks again for the names of things on disk.
  case refreshCatalog
  /// Writes a new file; one that is there already stays as it is. The remark is told once it is saved.
  case save(String, path: String, remark: String)

  /// For whoever runs the program: the screen, or the lines in place of one.
  case terminal(TerminalEffect)
}

/// Effects on the terminal and on the program's run.
enum TerminalEffect: Sendable {
  /// Hands a key or a paste to readline.
  case edit(InputEvent)
  /// Replaces readline's line; the cursor goes to its end.
  case setInput(String)
  /// Opens an editor of the user's for a text.
  case openEditor(String, EditedText)
  /// To the terminal's clipboard; `name` says what it is, for the notice.
  case copy(String, name: String)
  /// Whether the terminal reports the mouse; while it does not, it selects text by itself.
  case reportMouse(Bool)
  /// Saves the screen as it is now as an SVG picture.
  case savePicture(path: String)
  /// Draws everything anew.
  case redraw
  case suspend
  case quit
}
