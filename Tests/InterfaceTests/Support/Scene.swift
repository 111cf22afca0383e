import Analysis
import Engine
import Foundation
import Inference
import Sessions
import Terminal

@testable import Interface

/// An interface with an invented model and conversation, driven by events as the program drives it.
struct Scene {
  var state: AppState
  /// All effects so far.
  var effects: [Effect] = []

  static let layers = 30

  init(
    width: Int = 120, height: Int = 40, theme: String = "dark", colors: ColorDepth = .palette256,
    keys: KeyMap = KeyMap()
  ) throws {
    state = AppState(
      theme: try ThemeCatalog(userFolder: nil).theme(theme), size: Size(width: width, height: height),
      colors: colors, keys: keys, started: Date(timeIntervalSinceReferenceDate: 0))
    state.catalog = Catalog(
      themes: [.init("dark", "calm"), .init("light"), .init("mono")], plans: [.init("lean"), .init("tiny")],
      models: [.init("gemma-3-270m", "253 MB"), .init("smollm2-135m")],
      sessions: [.init("sky", "Why is the sky blue?"), .init("rivers")])
  }

  @discardableResult
  mutating func send(_ event: AppEvent) -> [Effect] {
    let effects = update(&state, event)
    self.effects += effects
    return effects
  }

  @discardableResult
  mutating func press(_ key: Key, _ modifiers: Modifiers = []) -> [Effect] {
    send(.input(.key(key, modifiers)))
  }

  @discardableResult
  mutating func enter(_ line: String) -> [Effect] { send(.submitted(line)) }

  mutating func type(_ line: String) {
    send(.inputChanged(InputMirror(text: line, cursor: line.utf8.count)))
  }

  // MARK: What an engine would tell

  mutating func load(
    layers: Int = Scene.layers, sampling: SamplingOptions = SamplingOptions(), thinking: ThinkingFormat? = nil
  ) {
    send(
      .engine(
        .loaded(
          ModelSummary(
            name: "SmolLM2-135M-Instruct", path: "/models/SmolLM2-135M-Instruct.Q4_1.gguf",
            architecture: "llama", fileType: "Q4_1", layers: layers,
            heads: Array(repeating: 9, count: layers), parameters: 134_515_008, context: 8192,
            threads: 2, kernels: "avx2", sampling: sampling, thinking: thinking))))
    usePlan()
  }

  /// The engine follows the current plan.
  mutating func usePlan() {
    let layers = state.layerCount
    let dropped = state.plan.drop.attention.count
    send(
      .engine(
        .planInUse(
          PlanFigures(
            plan: state.plan, bitsPerWeight: 5.7,
            layerBitsPerWeight: (0..<layers).map { _ in 5.0 },
            weightBytesPerToken: 96_400_000 - dropped * 1_105_920,
            kvBytesPerPosition: (layers - dropped) * 768,
            baselineWeightBytesPerToken: 96_400_000, seconds: 0.1))))
  }

  /// Streams `text` as the answer under way, word by word, and ends it.
  mutating func answer(_ text: String, rate: Double = 138.2, stop: StopReason = .endOfTurn) {
    guard let id = state.answering else { return }
    let words = stream(text, rate: rate)
    send(
      .engine(
        .answerFinished(
          id: id,
          AnswerStatistics(
            promptTokens: 38, reusedTokens: 0, answerTokens: words, prefillTokensPerSecond: 1840,
            decodeTokensPerSecond: rate, firstTokenSeconds: 0.031, stop: stop))))
  }

  /// Streams `text` and leaves the answer open. Returns the number of tokens.
  @discardableResult
  mutating func stream(_ text: String, rate: Double = 138.2) -> Int {
    guard let id = state.answering else { return 0 }
    send(.engine(.answerStarted(id: id, promptTokens: 38, reusedTokens: 0)))
    var tokens = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let piece = (tokens == 0 ? "" : " ") + word
      // A word's id depends on what it says, as a token's does.
      let token = Int(piece.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) } % 49152)
      send(.engine(.answerText(id: id, tokens: [AnswerToken(id: token, text: piece, logProbability: -0.5)])))
      tokens += 1
      if tokens % 4 == 0 {
        send(
          .engine(
            .rates(
              Rates(
                decodeTokensPerSecond: rate * (1 - 0.3 / Double(tokens)), prefillTokensPerSecond: 1840,
                firstTokenSeconds: 0.031, contextUsed: 374 + tokens, kvBytes: 9_100_000))))
      }
    }
    return tokens
  }

  /// A report like those of the real model: the first two layers change much, the rest little.
  mutating func measure(tokens: [String] = Scene.tokens, dropped: Set<Int> = []) {
    func values(_ base: (Int) -> Double, drop: Bool) -> [[Float]] {
      (0..<state.layerCount).map { layer in
        tokens.indices.map { token in
          if drop, dropped.contains(layer) { return .absent }
          let ripple = 0.012 * sin(Double(layer * 3 + token * 5)) + (token == 0 ? -0.05 : 0)
          return Float(min(0.999, base(layer) + ripple))
        }
      }
    }
    let attention = values(
      { [0: 0.6, 1: 0.86, 23: 0.955, 24: 0.951][$0] ?? 0.975 + 0.0005 * Double($0) }, drop: true)
    let mlp = values({ [0: 0.06, 29: 0.71][$0] ?? 0.955 + 0.0004 * Double($0) }, drop: false)
    let block = zip(attention, mlp).map { zip($0, $1).map { min($0, $1) - 0.02 } }
    send(.engine(.similarity(SimilarityReport(tokens: tokens, attention: attention, mlp: mlp, block: block))))
  }

  /// Damage like that of the real model: little where similarity is high, but not in its order.
  static func damage(layers: Int = layers, parts: [Part] = Part.allCases) -> DamageReport {
    let none = Damage(kl: 0, perplexity: 22.4, sameTop: 1)
    var report = DamageReport(plan: .baseline, tokens: 256, baseline: none, undropped: none)
    for part in parts {
      for layer in 0..<layers {
        let ends = [0: 2.91, 1: 0.41, layers - 1: 0.62][layer] ?? 0.02 + 0.004 * Double(layer * 7 % 13)
        let kl = ends * [.attention: 1, .mlp: 3.2, .block: 4.1][part]!
        report.add(
          .init(
            Droppable(part, layer), similarity: 0.99 - 0.001 * Float(layer),
            Damage(kl: kl, perplexity: 22.4 * exp(kl), sameTop: 1 / (1 + kl))))
      }
    }
    return report
  }

  /// Damage of heads, all but the last ones.
  static func headDamage(layers: Int = layers) -> DamageReport {
    var report = damage(layers: layers, parts: [.attention])
    for head in 0..<8 {
      for layer in 0..<layers {
        let kl = 0.002 + 0.05 * abs(sin(Double(layer * 5 + head * 3))) / Double(1 + layer)
        report.add(
          .init(
            Droppable(head: head, ofLayer: layer), similarity: nil,
            Damage(kl: kl, perplexity: 22.4 * exp(kl), sameTop: 1 / (1 + kl))))
      }
    }
    return report
  }

  /// Salience of which the first words are not computed yet.
  static func salience() -> SalienceReport {
    SalienceReport(
      plan: .baseline, target: " blue", position: 40, logProbability: -0.25,
      words: ["Why", " is", " the", " sky", " blue?", " Rayleigh", " scatters"].enumerated().map {
        index, word in
        .init(
          text: word, positions: 3 * index..<3 * index + 1 + index % 2,
          effect: index < 2 ? nil : 1.5 * Float(sin(Double(index * index))))
      })
  }

  /// A search whose methods drop one to four attentions, each better than the last.
  static func search() -> SearchReport {
    func point(_ layers: [Int], _ method: SearchMethod?, _ kl: Double) -> SearchPoint {
      var plan = Plan()
      plan.drop.attention = Set(layers)
      var size = PlanSize()
      size.weightBytes = 96_400_000 - layers.count * 1_105_920
      size.weights = 134_000_000
      size.kvBytesPerPosition = (30 - layers.count) * 768
      var point = SearchPoint(
        plan: plan, method: method, damage: Damage(kl: kl, perplexity: 22.4 * exp(kl), sameTop: 1 / (1 + kl)),
        size: size)
      point.tokensPerSecond = 140 + 2.5 * Double(layers.count)
      return point
    }
    var report = SearchReport(
      target: "drop=4", searchedTokens: 768, judgedTokens: 256, baseline: point([], nil, 0))
    let orders: [(SearchMethod, [Int], Double)] = [
      (.similarity, [7, 6, 25, 26], 0.035), (.damage, [7, 6, 26, 5], 0.03), (.greedy, [7, 26, 12, 5], 0.024),
      (.exchange, [7, 12, 20, 5], 0.021),
    ]
    for (method, order, step) in orders {
      for count in 1...4 {
        report.points.append(point(Array(order.prefix(count)), method, step * Double(count * count)))
      }
      report.found.insert(report.points.last!, at: 0)
    }
    return report
  }

  static let tokens =
    ["<|im_start|>", "user", "\n", "Why", " is", " the", " sky", " blue", "?", "<|im_end|>", "\n"]
    + "The sky appears blue because air scatters short waves of light more than long ones".split(
      separator: " "
    )
    .map { " " + $0 }

  /// A conversation of two turns, a plan with dropped layers, and a comparison.
  static func conversation(
    width: Int = 120, height: Int = 40, theme: String = "dark", colors: ColorDepth = .palette256,
    keys: KeyMap = KeyMap()
  ) throws -> Scene {
    var scene = try Scene(width: width, height: height, theme: theme, colors: colors, keys: keys)
    scene.load()
    scene.enter("Why is the sky blue?")
    scene.answer(Scene.firstAnswer)
    scene.enter("And red at sunset? Show me in code.")
    scene.answer(Scene.secondAnswer, rate: 141.7)
    scene.measure()
    return scene
  }

  mutating func compare() {
    enter("/drop attn 7 9-11 14 20")
    usePlan()
    send(.planSaved(name: "lean"))
    enter("/rerun")
    answer(Scene.rerunAnswer, rate: 171.4)
    measure(dropped: state.plan.drop.attention)
    state.notice = nil
  }

  static let firstAnswer = """
    The sky appears blue because of **Rayleigh scattering**: molecules of air scatter short waves of light \
    much more than long ones.

    - Blue light has a wavelength of about 450 nm and is scattered a lot.
    - Red light, at about 700 nm, mostly passes through.

    So blue reaches your eyes from every direction.
    """
  static let secondAnswer = """
    At sunset light takes a longer way through the air, and most of the blue is gone before it arrives.

    ```python
    def scattered(wavelength):
        return 1 / wavelength ** 4
    ```

    `scattered(450) / scattered(700)` is about 5.9.
    """
  static let rerunAnswer = """
    At sunset light takes a longer path through the air, so most of the blue is scattered away before it \
    reaches you.

    ```python
    def scattered(wavelength):
        return wavelength ** -4
    ```

    `scattered(450) / scattered(700)` is about 5.9.
    """
}
