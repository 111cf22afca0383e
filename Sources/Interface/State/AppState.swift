import Analysis
import Foundation
import Inference
import Sessions
import Terminal

/// All that the program knows and shows: a value. `update` alone changes it, `render` alone reads it.
public struct AppState: Sendable {
  // What was said and chosen; changes only through `record`, which journals them.
  public internal(set) var session: Session
  let defaults: SessionDefaults

  // What the engine told
  public internal(set) var model: ModelSummary?
  public internal(set) var figures: PlanFigures?
  public internal(set) var progress: WorkProgress?
  public internal(set) var similarity: SimilarityReport?
  public internal(set) var redundancy = Redundancy()
  public internal(set) var probe: ProbeReport?
  /// What the engine was told to watch.
  var watch: Watch?
  public internal(set) var rates = RateHistory()
  var analysis = AnalysisState()
  /// The node of the answer under way.
  public internal(set) var answering: Int?
  /// `answering`, once the engine computes it.
  var startedAnswer: Int?
  /// Whether a model is being opened.
  var isLoading = false
  /// What is to be done as soon as no answer is under way and a model is loaded.
  var pending: Pending?

  // What is being worked on
  public internal(set) var plans: PlanHistory
  /// Whether every change of the plan reruns the last prompt.
  public internal(set) var isLive = false
  /// When the next live rerun is due: a moment after the last change, so that several make one.
  var liveRerunDue: Double?
  public internal(set) var comparison: Comparison?
  /// The message that the next one typed replaces, as a branch beside it.
  var editing: Int?

  // The screen
  var screenChanges = ScreenChanges()
  public internal(set) var size: Size { didSet { inputRows = InputLine.rows(of: self) } }
  public internal(set) var colors: ColorDepth
  public internal(set) var theme: Theme
  public internal(set) var focus = PaneID.input
  /// The side pane to show where there is room for one.
  var side = PaneID.layers
  var isZoomed = false
  var chat = ChatDocument()
  /// The layer under the cursor of the Layers and Heatmap panes.
  public internal(set) var layer = 0
  var layerOrder = LayerOrder.layer
  var heatmap = HeatmapState()
  public internal(set) var overlay: Overlay?
  public internal(set) var notice: Notice?
  var input = InputMirror() { didSet { inputRows = InputLine.rows(of: self) } }
  /// Rows that the input needs; kept, since every event asks for them and a pasted text is long.
  private(set) var inputRows = 1
  var completion: Completion?
  /// Names that commands complete and list.
  var catalog = Catalog()
  let keys: KeyMap
  /// Whether there is no screen: lines in, answers out.
  let isInLines: Bool
  /// Seconds of the program's clock; moves with `AppEvent.tick`.
  public internal(set) var time = 0.0
  private let started: Date

  enum Pending: Sendable, Hashable {
    case prompt(String)
    case rerun
  }

  public enum Overlay: Sendable, Hashable {
    case help(scroll: Int)
    case layerDetails
    case frontier
    case confirmQuit
  }

  public init(
    session: Session = Session(), theme: Theme, size: Size = Size(width: 80, height: 24),
    colors: ColorDepth = .palette256, keys: KeyMap = KeyMap.make().map,
    defaults: SessionDefaults = SessionDefaults(), isInLines: Bool = false, started: Date = .now
  ) {
    self.session = session
    self.theme = theme
    self.size = size
    self.colors = colors
    self.keys = keys
    self.defaults = defaults
    self.isInLines = isInLines
    self.started = started
    plans = PlanHistory(session.plan)
    isLive = session.settings["live"] == "on"
    showConversation()
    fitPanes()
  }

  /// The time of day by the program's clock.
  var date: Date { started.addingTimeInterval(time) }

  public var plan: Plan { session.plan }
  /// What was chosen, and the model's defaults.
  public var sampling: SamplingOptions { session.sampling.over(model?.sampling ?? SamplingOptions()) }
  var layerCount: Int { model?.layers ?? 0 }
  /// Whether an answer can begin.
  var isReady: Bool { model != nil && !isLoading && answering == nil }
  /// Whether the engine has something to do for us.
  var isWorking: Bool {
    answering != nil || isLoading || progress != nil || pending != nil || analysis.running != nil
  }

  var layout: Layout {
    Layout(
      size: size,
      Layout.Wishes(
        inputRows: inputRows, statusRows: StatusLine.rows(of: self), side: side, focus: focus,
        layers: layerCount, isComparing: comparison != nil, zoomed: isZoomed && focus != .input ? focus : nil)
    )
  }

  /// Whether something moves on the screen, so that it is drawn again without an event.
  public var isAnimated: Bool { isWorking || liveRerunDue != nil || notice != nil }

  mutating func say(_ text: String) { say(.info, text) }

  mutating func say(_ kind: Notice.Kind, _ text: String) {
    notice = Notice(kind: kind, text: text.sanitized.replacing("\n", with: " "), since: time)
  }
}

/// How new sessions begin.
public struct SessionDefaults: Sendable {
  public var sampling: SamplingChoices
  public var system: String?
  public init(sampling: SamplingChoices = SamplingChoices(), system: String? = nil) {
    self.sampling = sampling
    self.system = system
  }
}

/// The two answers to one prompt that are shown side by side.
public struct Comparison: Sendable, Hashable {
  /// Nodes of the conversation.
  public var first: Int
  public var second: Int
  /// Rows that both columns are scrolled down; nil follows the end of the second.
  var top: Int?
}
