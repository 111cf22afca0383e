/// What the rest of the program asks of the engine thread.
public enum EngineCommand: Sendable {
  /// Opens a model file; replaces the one that is loaded.
  case load(path: String, options: LoadOptions)
  /// Makes `plan` the current one, re-encoding what it needs, so that the next answer starts at once.
  case use(Plan)
  case answer(AnswerRequest)
  /// Has a conversation in the context, so that it can be watched before an answer: it is computed bit by bit, while
  /// nothing else is to be done and something is watched.
  case recall([ChatMessage])
  /// Runs beside the others: it gives way to them, and goes on where it was.
  case analyse(any EngineAnalysis)
}

public struct LoadOptions: Sendable, Hashable {
  /// Compute threads; nil takes one for each physical core.
  public var threads: Int?
  /// Positions of the KV cache; nil takes the model's training context, bounded for memory.
  public var context: Int?
  /// Overrides the file's chat template (Jinja source).
  public var template: String?
  public init(threads: Int? = nil, context: Int? = nil, template: String? = nil) {
    self.threads = threads
    self.context = context
    self.template = template
  }
}

public struct ChatMessage: Sendable, Hashable, Codable {
  public enum Role: String, Sendable, Hashable, Codable { case system, user, assistant }
  public var role: Role
  public var content: String
  public init(role: Role, content: String) {
    self.role = role
    self.content = content
  }
}

public struct AnswerRequest: Sendable {
  /// Chosen by the caller; comes back in every event about this answer.
  public var id: Int
  public var messages: [ChatMessage]
  public var plan: Plan
  public var sampling: SamplingOptions
  /// nil: until the model ends its turn or the context is full.
  public var maximumTokens: Int?
  public init(
    id: Int, messages: [ChatMessage], plan: Plan, sampling: SamplingOptions, maximumTokens: Int? = nil
  ) {
    self.id = id
    self.messages = messages
    self.plan = plan
    self.sampling = sampling
    self.maximumTokens = maximumTokens
  }
}

/// What the engine thread reports. Events are delivered in order; of `progress`, `rates`, `similarity`, `probe` and
/// the results of analyses only the newest is kept when the reader is slower than the engine.
public enum EngineEvent: Sendable {
  case loaded(ModelSummary)
  case planInUse(PlanFigures)
  /// Long work under way: loading, re-encoding, prefill.
  case progress(Progress)
  case answerStarted(id: Int, promptTokens: Int, reusedTokens: Int)
  case answerText(id: Int, tokens: [AnswerToken])
  case answerFinished(id: Int, AnswerStatistics)
  case rates(Rates)
  case similarity(SimilarityReport)
  /// Of what is watched.
  case probe(ProbeReport)
  case analysis(AnalysisNews)
  /// The message is one line for the user.
  case failed(EngineTask, message: String)
}

/// What can fail, or be stopped, other than an analysis.
public enum EngineTask: Sendable, Hashable {
  case load
  case plan(Plan)
  case answer(id: Int)
}

public struct Progress: Sendable, Hashable {
  /// "loading", "packing weights", "reading prompt"…
  public var what: String
  /// 0…1.
  public var fraction: Double
  public init(what: String, fraction: Double) {
    self.what = what
    self.fraction = fraction
  }
}

public struct ModelSummary: Sendable, Hashable {
  /// The file's name, without its ending and type.
  public var name: String
  public var path: String
  public var architecture: String
  /// The file's nominal type, such as `Q4_1`.
  public var fileType: String
  public var layers: Int
  public var parameters: Int
  /// Positions the KV cache holds.
  public var context: Int
  public var threads: Int
  /// Name of the SIMD kernel set in use, such as `avx2`.
  public var kernels: String
  /// Sampling options where nobody chooses others.
  public var sampling: SamplingOptions
  public init(
    name: String, path: String, architecture: String, fileType: String, layers: Int, parameters: Int,
    context: Int, threads: Int, kernels: String, sampling: SamplingOptions = SamplingOptions()
  ) {
    self.name = name
    self.path = path
    self.architecture = architecture
    self.fileType = fileType
    self.layers = layers
    self.parameters = parameters
    self.context = context
    self.threads = threads
    self.kernels = kernels
    self.sampling = sampling
  }
}

/// What a plan costs, in measured or exactly counted numbers.
public struct PlanFigures: Sendable, Hashable {
  public var plan: Plan
  /// b/w over all weight matrices that run, scales included.
  public var bitsPerWeight: Double
  /// b/w of each layer's running matrices (nil where nothing of the layer runs).
  public var layerBitsPerWeight: [Double?]
  /// Weight bytes that one decoded token reads.
  public var weightBytesPerToken: Int
  /// KV bytes that one position adds, and that each later token reads.
  public var kvBytesPerPosition: Int
  /// `weightBytesPerToken` of the baseline, for comparison.
  public var baselineWeightBytesPerToken: Int
  /// Time the change of plan took.
  public var seconds: Double
  /// What the plan's healing does; nil when it heals nothing.
  public var healing: HealingEffect?
  public init(
    plan: Plan, bitsPerWeight: Double, layerBitsPerWeight: [Double?], weightBytesPerToken: Int,
    kvBytesPerPosition: Int, baselineWeightBytesPerToken: Int, seconds: Double,
    healing: HealingEffect? = nil
  ) {
    self.plan = plan
    self.bitsPerWeight = bitsPerWeight
    self.layerBitsPerWeight = layerBitsPerWeight
    self.weightBytesPerToken = weightBytesPerToken
    self.kvBytesPerPosition = kvBytesPerPosition
    self.baselineWeightBytesPerToken = baselineWeightBytesPerToken
    self.seconds = seconds
    self.healing = healing
  }
}

public struct AnswerToken: Sendable, Hashable {
  public var id: Int
  /// Complete characters that this token finished; may be empty when it ends inside one.
  public var text: String
  /// Log-probability in nats under the plan, before sampling changed the distribution.
  public var logProbability: Float
  public init(id: Int, text: String, logProbability: Float) {
    self.id = id
    self.text = text
    self.logProbability = logProbability
  }
}

public enum StopReason: String, Sendable, Hashable, Codable {
  case endOfTurn = "end_of_turn"
  case length
  case contextFull = "context_full"
  case interrupted
}

public struct AnswerStatistics: Sendable, Hashable, Codable {
  public var promptTokens: Int
  /// Prompt tokens that were already in the KV cache and not computed again.
  public var reusedTokens: Int
  public var answerTokens: Int
  public var prefillTokensPerSecond: Double
  public var decodeTokensPerSecond: Double
  public var firstTokenSeconds: Double
  public var stop: StopReason
  public init(
    promptTokens: Int, reusedTokens: Int, answerTokens: Int, prefillTokensPerSecond: Double,
    decodeTokensPerSecond: Double, firstTokenSeconds: Double, stop: StopReason
  ) {
    self.promptTokens = promptTokens
    self.reusedTokens = reusedTokens
    self.answerTokens = answerTokens
    self.prefillTokensPerSecond = prefillTokensPerSecond
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.firstTokenSeconds = firstTokenSeconds
    self.stop = stop
  }
}

/// Live figures while an answer is computed.
public struct Rates: Sendable, Hashable {
  public var decodeTokensPerSecond: Double
  public var prefillTokensPerSecond: Double
  public var firstTokenSeconds: Double
  /// Positions in the KV cache, and its bytes in use.
  public var contextUsed: Int
  public var kvBytes: Int
  /// Memory of this program that is in use; nil where the system does not tell.
  public var residentBytes: Int?
  /// - Parameters: Speeds are 0 before the first answer.
  public init(
    decodeTokensPerSecond: Double = 0, prefillTokensPerSecond: Double = 0, firstTokenSeconds: Double = 0,
    contextUsed: Int = 0, kvBytes: Int = 0, residentBytes: Int? = nil
  ) {
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.prefillTokensPerSecond = prefillTokensPerSecond
    self.firstTokenSeconds = firstTokenSeconds
    self.contextUsed = contextUsed
    self.kvBytes = kvBytes
    self.residentBytes = residentBytes
  }
}

/// Cosine of the residual stream before and after each sublayer, for every token in the context.
///
/// Source: "What Matters in Transformers? Not All Attention Is Needed", arXiv 2406.15786.
public struct SimilarityReport: Sendable, Hashable {
  /// The text of each token, in order; `values` columns match it.
  public var tokens: [String]
  /// `[layer][token]`; NaN where the sublayer is dropped or was not measured.
  public var attention: [[Float]]
  public var mlp: [[Float]]
  public var block: [[Float]]
  public init(tokens: [String], attention: [[Float]], mlp: [[Float]], block: [[Float]]) {
    self.tokens = tokens
    self.attention = attention
    self.mlp = mlp
    self.block = block
  }
}
