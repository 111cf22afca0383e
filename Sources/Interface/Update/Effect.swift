import Analysis
import Engine
import Foundation
import Inference
import Sessions
import Terminal

/// What `update` wants done outside of the state, in order. The rim does it, and tells what came of it by an
/// ``AppEvent``.
public enum Effect: Sendable {
  case engine(EngineCommand)
  /// Stops the answer under way.
  case interrupt
  /// Has the engine compute and report it from now on; nil for nothing.
  case watch(Watch?)
  /// Begins an analysis; the rim finds its text, and what is known of it already.
  case analyse(AnalysisRequest)
  /// Stops the analysis under way.
  case stopAnalysis
  case keepDamage(DamageReport)
  /// Finds the model by name or path and has the engine load it.
  case loadModel(String)
  /// Goes to the journal before anything else shows it.
  case journal(SessionEvent, at: Date)
  /// nil begins a new one.
  case openSession(String?)

  /// Hands a key or a paste to readline.
  case edit(InputEvent)
  /// Replaces readline's line; the cursor goes to its end.
  case setInput(String)

  case savePlan(Plan, name: String, model: String?)
  case loadPlan(String)
  case loadTheme(String)
  /// Looks again for the names of things on disk.
  case refreshCatalog

  /// Writes a new file; one that is there already stays as it is.
  case save(String, path: String)
  /// To the terminal's clipboard.
  case copy(String)
  /// Whether the terminal reports the mouse; while it does not, it selects text by itself.
  case reportMouse(Bool)
  /// Draws everything anew.
  case redraw
  case suspend
  case quit
}
