/// The choice of a model's sublayers that run, and of the width of its matrices.
///
/// A plan is a value; the empty plan is the *baseline*, the model as shipped. The engine's state is a
/// function of (tokens, plan) and of nothing else.
public struct Plan: Sendable, Hashable {
  public var drop = Drop()
  public var bits = Bits()
  /// Whether Hadamard rotations are merged into the weights before re-encoding (R1 and R2 of SpinQuant, arXiv
  /// 2405.16406).
  public var rotate = false
  public var heal = Healing.none
  /// Bits of a KV-cache element: 16, 8 or 4.
  public var kvBits = 16
  /// Bits of the activations that the layers' matrices are multiplied by: 16 (held in 15), 8 or 4; nil for those
  /// that the model was trained with, see ``Model/nativeActivationBits``.
  public var activationBits: Int?

  /// The model as shipped.
  public static let baseline = Plan()

  public init() {}

  /// What does not run: sublayers, and heads of attentions that run. A dropped block is its attention and its
  /// MLP.
  public struct Drop: Sendable, Hashable {
    /// Heads of an attention that is dropped are dropped with it, and need not be named.
    public var attention: Set<Int> = [] {
      didSet { if !heads.isEmpty { heads = heads.filter { !attention.contains($0.key) } } }
    }
    public var mlp: Set<Int> = []
    /// The query heads whose outputs are zero before the output projection, by layer; no set is empty.
    public private(set) var heads: [Int: Set<Int>] = [:]
    public init() {}

    /// The heads of a layer that are dropped.
    public subscript(heads layer: Int) -> Set<Int> {
      get { heads[layer] ?? [] }
      set { heads[layer] = newValue.isEmpty ? nil : newValue }
    }

    /// Whether whole sublayers are dropped.
    public var hasSublayers: Bool { !attention.isEmpty || !mlp.isEmpty }
    /// The number of heads that are dropped from attentions that run.
    public var headCount: Int { heads.values.reduce(0) { $0 + $1.count } }
  }

  /// Widths by kind of matrix. The most specific one wins: layer, then kind, then default.
  public struct Bits: Sendable, Hashable {
    public var `default` = BitWidth.native
    public var attention: BitWidth?
    public var mlp: BitWidth?
    /// The output head (and the token embedding where the two are tied).
    public var head: BitWidth?
    public var layers: [Int: BitWidth] = [:]
    public init() {}
  }

  /// The replacement of a dropped sublayer, fitted on a calibration text: nothing, the mean of its output, or
  /// a linear map of its input.
  public enum Healing: String, Sendable, Hashable, CaseIterable, Codable {
    case none, mean, linear
  }

  /// One of the two parts of a transformer block, with its norm and its residual add.
  public enum Sublayer: String, Sendable, Hashable, CaseIterable, Codable {
    case attention, mlp
  }
}

extension Plan {
  /// Whether the sublayer of a layer is not dropped.
  public func runs(_ sublayer: Sublayer, layer: Int) -> Bool {
    !self[dropped: sublayer].contains(layer)
  }

  /// Whether fitted maps replace dropped sublayers.
  public var heals: Bool { heal != .none && drop.hasSublayers }

  /// Whether some matrix has a width so narrow that encoding weighs its errors by importance.
  func isNarrow(layers: Int) -> Bool {
    let widths =
      [headBits]
      + (0..<layers).flatMap { layer in
        Sublayer.allCases.filter { runs($0, layer: layer) }.map { bits(of: $0, layer: layer) }
      }
    return widths.contains { $0 != .native && $0 != .eight }
  }

  /// A width of running sublayers or the head that only models live with that were trained so; nil for none.
  func ruinousWidth(layers count: Int) -> BitWidth? {
    let widths = (0..<count).flatMap { layer in
      Sublayer.allCases.filter { runs($0, layer: layer) }.map { bits(of: $0, layer: layer) }
    }
    return (widths + [headBits]).first { $0 == .ternary || $0 == .one }
  }

  /// The measured damage of such a width, and what works nearby (docs/plans.md has the figures).
  static func warning(ofRuinous width: BitWidth) -> String {
    let (name, smol, qwen) = width == .one ? ("1-bit", 12, 7) : ("ternary", 15, 6)
    return
      "\(name) weights ruin a model that was not trained so (measured: KL \(smol) on SmolLM2, \(qwen) on Qwen, where 4 bits "
      + "cost 0.03 and 0.01): /search kl<0.3 bits finds the fewest bits that do"
  }

  /// The layers whose `sublayer` is dropped.
  public subscript(dropped sublayer: Sublayer) -> Set<Int> {
    get { sublayer == .attention ? drop.attention : drop.mlp }
    set { if sublayer == .attention { drop.attention = newValue } else { drop.mlp = newValue } }
  }

  /// Drops the sublayer of a layer, or restores it.
  public mutating func toggle(_ sublayer: Sublayer, layer: Int) {
    self[dropped: sublayer].formSymmetricDifference([layer])
  }

  /// Whether the head of an attention runs.
  public func runs(head: Int, layer: Int) -> Bool {
    runs(.attention, layer: layer) && !drop[heads: layer].contains(head)
  }

  /// The width of the matrices of a sublayer.
  public func bits(of sublayer: Sublayer, layer: Int) -> BitWidth {
    bits.layers[layer] ?? (sublayer == .attention ? bits.attention : bits.mlp) ?? bits.default
  }

  /// The width of the output head.
  public var headBits: BitWidth { bits.head ?? bits.default }

  /// The lowest of `count` layers that computes something else than under `other`; `count` when none does,
  /// even if the output head differs.
  func lowestChange(from other: Plan, layers count: Int) -> Int {
    guard rotate == other.rotate, kvBits == other.kvBits, activationBits == other.activationBits else {
      return 0
    }
    let change = (0..<count).first { layer in
      Sublayer.allCases.contains { sublayer in
        let runs = runs(sublayer, layer: layer)
        return runs != other.runs(sublayer, layer: layer)
          || runs && bits(of: sublayer, layer: layer) != other.bits(of: sublayer, layer: layer)
          || !runs && heal != other.heal
      } || drop[heads: layer] != other.drop[heads: layer]
    }
    return change ?? count
  }

  /// Checks the plan against a model's layer count.
  ///
  /// - Parameter heads: Query heads of each layer, 0 where it has none; nil where they are not known.
  public func validate(layers count: Int, heads: [Int]? = nil, model: String) throws(PlanError) {
    for (what, layers) in [
      ("drop.attention", drop.attention), ("drop.mlp", drop.mlp), ("drop.heads", Set(drop.heads.keys)),
      ("bits.layers", Set(bits.layers.keys)),
    ] {
      if let stray = layers.filter({ !(0..<count).contains($0) }).min() {
        throw PlanError("\(what): layer \(stray) is not in \(model), whose layers are 0…\(count - 1)")
      }
    }
    for (layer, dropped) in drop.heads.sorted(by: { $0.key < $1.key }) {
      try validate(dropped, layer: layer, of: heads?[layer], model: model)
    }
    for (key, bits) in [("kv_bits", kvBits), ("act_bits", activationBits ?? 16)]
    where ![16, 8, 4].contains(bits) {
      throw PlanError("\(key): \(bits) is not offered; use 16, 8 or 4")
    }
  }

  private func validate(
    _ dropped: Set<Int>, layer: Int, of heads: Int?, model: String
  ) throws(PlanError) {
    guard runs(.attention, layer: layer) else {
      throw PlanError(
        "drop.heads: the attention of layer \(layer) is dropped, and its heads with it; leave them out")
    }
    if let stray = dropped.first(where: { $0 < 0 }) {
      throw PlanError("drop.heads: layer \(layer) has no head \(stray): heads count from 0")
    }
    guard let heads else { return }
    guard heads > 0 else { throw PlanError("drop.heads: layer \(layer) of \(model) has no heads") }
    if let stray = dropped.filter({ $0 >= heads }).min() {
      throw PlanError(
        "drop.heads: layer \(layer) of \(model) has no head \(stray): its heads are 0…\(heads - 1)")
    }
    if dropped.count == heads {
      throw PlanError(
        "drop.heads: these are all heads of layer \(layer); drop its attention instead (drop.attention)")
    }
  }
}

/// A plan that cannot be read or does not fit; one line with the mistake and its place.
public struct PlanError: Error, CustomStringConvertible, Hashable {
  public let description: String
  public init(_ description: String) { self.description = description }
}
