import Analysis
import Inference

/// Measuring damage and searching for plans: what is asked for, under way, and known.
struct AnalysisState: Sendable {
  /// What is under way; nil when nothing is.
  var running: AnalysisRequest?
  var progress: WorkProgress?
  /// What was measured last, as far as it has come.
  var damage: DamageReport?
  var search: SearchReport?
  /// Places in the report's plans that can be picked: where the cursor was last.
  var picked = 0

  /// What a new model leaves of it.
  mutating func forget() {
    damage = nil
    search = nil
    picked = 0
  }

  /// KL of a plan without the sublayer; nil where it is not measured.
  func kl(_ sublayer: Plan.Sublayer, layer: Int) -> Double? {
    damage?[Droppable(Part(sublayer), layer)]?.damage.kl
  }

  /// The running sublayer whose drop alone did least damage; nil while one is not measured, which may be the one.
  func leastDamaging(_ sublayer: Plan.Sublayer, in plan: Plan, layers: Int) -> Int? {
    let running = (0..<layers).filter { plan.runs(sublayer, layer: $0) }
    guard running.allSatisfy({ kl(sublayer, layer: $0) != nil }) else { return nil }
    return running.min { kl(sublayer, layer: $0)! < kl(sublayer, layer: $1)! }
  }
}

public enum AnalysisRequest: Sendable, Hashable {
  case damage(DamageRequest)
  case search(SearchRequest)
}

/// A text to measure or search on.
public enum AnalysisText: Sendable, Hashable {
  case builtin
  case file(String)
  case conversation([ChatMessage])
}

public struct DamageRequest: Sendable, Hashable {
  /// The model's file.
  public var model: String
  public var plan: Plan
  public var text: AnalysisText
  public var tokens: Int
}

public struct SearchRequest: Sendable, Hashable {
  public var plan: Plan
  public var target: SearchTarget
  public var dimensions: Set<SearchDimension>?
  public var tokens: Int
}

/// The order of the rows in the Layers pane.
enum LayerOrder: Sendable, Hashable, CaseIterable {
  case layer
  case similarity(Plan.Sublayer)
  case damage(Plan.Sublayer)

  static let allCases: [LayerOrder] = [
    .layer, .similarity(.attention), .similarity(.mlp), .damage(.attention), .damage(.mlp),
  ]

  var name: String {
    switch self {
    case .layer: "by layer"
    case .similarity(let sublayer): "by similarity of the \(sublayer.noun)"
    case .damage(let sublayer): "by damage of the \(sublayer.noun)"
    }
  }
}

extension Plan.Sublayer {
  /// In the middle of a sentence.
  var noun: String { self == .attention ? "attention" : "MLP" }
}

extension AppState {
  /// The layers as the Layers pane lists them: the most redundant first, or as they are in the model; what was not
  /// measured comes last.
  var orderedLayers: [Int] {
    func sorted(_ redundancy: (Int) -> Double?) -> [Int] {
      (0..<layerCount).map { ($0, redundancy($0) ?? -.infinity) }
        .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    }
    switch layerOrder {
    case .layer: return Array(0..<layerCount)
    case .similarity(let sublayer):
      return sorted { layer in
        let similarity = redundancy.similarity(sublayer, layer: layer)
        return similarity.isNaN ? nil : Double(similarity)
      }
    case .damage(let sublayer): return sorted { analysis.kl(sublayer, layer: $0).map { -$0 } }
    }
  }

  /// Takes the next order of the Layers pane for which something is measured.
  mutating func changeLayerOrder() {
    let all = LayerOrder.allCases
    var place = all.firstIndex(of: layerOrder)!
    repeat { place = (place + 1) % all.count } while !isKnown(all[place])
    layerOrder = all[place]
    say("layers \(layerOrder.name)")
  }

  private func isKnown(_ order: LayerOrder) -> Bool {
    switch order {
    case .layer: true
    case .similarity(let sublayer): redundancy.values(sublayer).contains { $0.isFinite }
    case .damage: analysis.damage?.entries.isEmpty == false
    }
  }
}
