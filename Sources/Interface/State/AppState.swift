import Analysis
import Foundation
import IO
import Inference
import Sessions
import Terminal

/// All that the program knows and shows: a value. `update` alone changes it, `render` alone draws it.
struct AppState: Sendable {
  // What was said and chosen; changes only through `record`, which journals it.
  var session: Session
  let defaults: SessionDefaults
  /// The sessions on disk.
  var sessions = SessionsState()
  /// The name of the model that the plan was chosen for; nil for whatever model comes.
  var planModel: String?
  /// What was last chosen of thinking, by the model's name.
  var rememberedThinking: [String: RememberedState.Thinking] = [:]
  /// The reason why the session is not in its file; nil while it is.
  var unsaved: String?

  // What the engine told
  var model: ModelSummary?
  var figures: PlanFigures?
  /// b/w of each layer as the file holds it; empty until it is known.
  var nativeBits: [Double?] = []
  var progress: WorkProgress?
  @Versioned var similarity: SimilarityReport?
  @Versioned var redundancy = Redundancy()
  @Versioned var probe: ProbeReport?
  /// The watch that the engine was last told of.
  var watch: Watch?
  var rates = RateHistory()
  var analysis = AnalysisState()
  /// The node of the answer under way.
  var answering: Int?
  /// The tokens that the answer under way goes on with, until the engine computes it.
  var forcedTokens: [Int] = []
  /// `answering`, once the engine computes it.
  var startedAnswer: Int?
  /// The thought of the answer under way, or of the last one in this run.
  var thought: ThoughtProgress?
  /// The summary that it waits for.
  var summarising: Summarising?
  /// Whether the user was told that the context is nearly full.
  var isFullnessTold = false
  /// Whether the user was told how thoughts are unfolded.
  var isThoughtTold = false
  /// Whether a model is being opened.
  var isLoading = false
  /// Work for when no answer is under way and a model is loaded.
  var pending: Pending?

  // What is being worked on
  var plans = PlanHistory()
  /// Whether every change of the plan reruns the last prompt.
  var isLive: Bool
  /// When the next live rerun is due: a moment after the last change, so that several make one.
  var liveRerunDue: Double?
  var comparison: Comparison?
  /// What is known of pairs of answers of this session.
  var pairs = ComparedPairs()
  /// Two plans that are stepped along the same tokens; nil while none are.
  var lockstep: LockstepState?
  /// The message or answer that the next one typed replaces, as a branch beside it.
  var editing: Int?

  // The screen
  var size: Size { didSet { inputRows = input.rows(width: size.width) } }
  var colors: ColorDepth
  var theme: Theme
  /// nil where no terminal has a background.
  var backgroundThemes: BackgroundThemes?
  var focus = PaneID.input
  /// The side pane to show where there is room for one.
  var side = PaneID.layers
  /// Whether the pane that has the focus has all the room.
  var isZoomed = false
  var arrangement = Arrangement()
  /// The divider that the mouse is dragging.
  var dragged: Arrangement.Divider?
  var chat = ChatDocument()
  /// The figure that the words of answers are shaded by; nil for none.
  var tokenShade: TokenShade?
  var selection: Selection?
  var find: Find?
  /// The layer under the cursor of the Layers and Heatmap panes.
  var layer = 0
  var layerOrder = LayerOrder.layer
  var heatmap = HeatmapState()
  var overlay: Overlay?
  var helpSearch = HelpSearch()
  var picker = ModelPicker()
  /// The model that is being fetched.
  var pull: PullState?
  var notice: Notice?
  var input = InputMirror() { didSet { inputRows = input.rows(width: size.width) } }
  /// Rows that the input needs; kept, since every event asks for them and a pasted text is long.
  private(set) var inputRows = 1
  var completion: Completion?
  /// The names that complete the path being typed.
  var folder: FolderNames?
  /// Names that commands complete and list.
  var catalog = Catalog()
  let keys: KeyMap
  /// Whether there is no screen: lines in, answers out.
  let isInLines: Bool
  /// Seconds of the program's clock; moves with `AppEvent.tick`.
  var time = 0.0
  private let started: Date

  /// Work that waits for the engine.
  enum Pending: Sendable, Hashable {
    case prompt(String)
    case rerun
  }

  /// A box over the panes that takes the keys.
  enum Overlay: Sendable, Hashable {
    case help(scroll: Int)
    case layerDetails
    case frontier
    case lockstep
    case text(TextPage)
    case models
    case confirmQuit
    case sessions
    /// A token of an answer, and what else might have come in its place.
    case token(TokenCursor)
    /// The session's own model, which cannot be opened.
    case otherModel(ModelReference)
  }

  init(
    session: Session = Session(), theme: Theme, size: Size = Size(width: 80, height: 24),
    colors: ColorDepth = .palette256, keys: KeyMap = KeyMap(),
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
    isLive = session.settings["live"] == "on"
    planModel = session.model?.name
    showConversation()
  }

  /// The time of day by the program's clock.
  var date: Date { started.addingTimeInterval(time) }

  var plan: Plan { session.plan }
  /// The current plan's name, as ``PlanHistory/label(of:)-(Plan)`` has it.
  var planLabel: String { plans.label(of: plan) }
  /// The chosen options, and the model's defaults for all others; what was last chosen of thinking with this
  /// model is one of them.
  var sampling: SamplingOptions {
    var options = session.sampling.over(model?.sampling ?? SamplingOptions())
    guard let remembered = model.flatMap({ rememberedThinking[$0.name] }) else { return options }
    let chosen = session.sampling.options.map(\.key)
    if !chosen.contains("think") { options.think = remembered.think ?? options.think }
    if !chosen.contains("think_budget") { options.thinkBudget = remembered.budget ?? options.thinkBudget }
    return options
  }
  var layerCount: Int { model?.layers ?? 0 }
  /// All that is known about the model in use.
  var findings: Findings {
    Findings(
      layers: layerCount, plan: plan, headCounts: model?.heads ?? [], similarity: $similarity,
      redundancy: $redundancy,
      reports: analysis.$reports, probe: $probe)
  }
  /// The index of a map that the cursor is on.
  func cursor(on axis: HeatmapAxis) -> Int { heatmap.cursor(on: axis, layer: layer) }
  /// Whether an answer can begin.
  var isReady: Bool { model != nil && !isLoading && answering == nil }
  /// Whether the engine has something to do for us.
  var isWorking: Bool {
    answering != nil || isLoading || progress != nil || pending != nil || analysis.isForeground
  }
  /// Whether something moves on the screen, so that it is drawn again without an event.
  var isAnimated: Bool {
    isWorking || liveRerunDue != nil || notice != nil || pull != nil || picker.isLooking
  }
  /// Whether the screen has two colours in a cell.
  var hasPixels: Bool { colors >= .palette256 && theme.ramp != nil }

  /// Tells the user something, in one line.
  mutating func say(_ text: String) { say(.info, text) }

  mutating func say(_ kind: Notice.Kind, _ text: String) {
    notice = Notice(kind: kind, text: text.sanitized.replacing("\n", with: " "), since: time)
  }
}

/// The choices that new sessions begin with.
public struct SessionDefaults: Sendable {
  public var sampling: SamplingChoices
  /// The system prompt; nil for none.
  public var system: String?
  /// What happens when the context is full; nil leaves it to the program.
  public var contextPolicy: ContextPolicy?
  /// Choices for new sessions; without any, those of the model hold.
  public init(
    sampling: SamplingChoices = SamplingChoices(), system: String? = nil, contextPolicy: ContextPolicy? = nil
  ) {
    self.sampling = sampling
    self.system = system
    self.contextPolicy = contextPolicy
  }
}
