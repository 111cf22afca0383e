/// A loaded model and the settings it runs with, for display.
public struct ModelSummary: Sendable, Hashable {
  /// Why a choice of thinking cannot be had of this model, in one line; nil where it can.
  public func refusal(of choice: Think) -> String? { ThinkingFormat.refusal(of: choice, by: thinking) }

  /// The file's name, without its ending and type.
  public var name: String
  public var path: String
  public var architecture: String
  /// The file's nominal type, such as `Q4_1`.
  public var fileType: String
  public var layers: Int
  /// Query heads of each layer, 0 where it has none; empty where they are not known.
  public var heads: [Int]
  public var parameters: Int
  /// Positions the KV cache holds.
  public var context: Int
  public var threads: Int
  /// Name of the SIMD kernel set in use, such as `avx2`.
  public var kernels: String
  /// The model's default sampling options.
  public var sampling: SamplingOptions
  public var template: ChatFormat.Source
  /// How it thinks; nil where it does not, as far as its file tells.
  public var thinking: ThinkingFormat?
  /// Whether all matrices of the layers are ternary; see ``Model/isTernary``.
  public var isTernary: Bool
  /// See ``Model/nativeActivationBits``.
  public var nativeActivationBits: Int
  /// How its tokens are spelled; nil where that is not known.
  public var spelling: TokenSpelling?
  public init(
    name: String, path: String, architecture: String, fileType: String, layers: Int, heads: [Int] = [],
    parameters: Int,
    context: Int, threads: Int, kernels: String, sampling: SamplingOptions = SamplingOptions(),
    template: ChatFormat.Source = .file, thinking: ThinkingFormat? = nil, isTernary: Bool = false,
    nativeActivationBits: Int = 16
  ) {
    self.name = name
    self.path = path
    self.architecture = architecture
    self.fileType = fileType
    self.layers = layers
    self.heads = heads
    self.parameters = parameters
    self.context = context
    self.threads = threads
    self.kernels = kernels
    self.sampling = sampling
    self.template = template
    self.thinking = thinking
    self.isTernary = isTernary
    self.nativeActivationBits = nativeActivationBits
  }
}
