import Foundation
import Inference
import Terminal

@testable import Interface

extension Scene {
  /// Sends what an engine would tell of the view that is shown, invented but of the right kind.
  mutating func probe(tokens: [String] = Scene.tokens, fraction: Double = 1) {
    guard case let probe?? = effects.watches.last.map({ $0?.probe }) else { return }
    let layers = state.layerCount, count = tokens.count
    func wave(_ a: Int, _ b: Int) -> Float { Float(0.5 + 0.5 * sin(Double(a * 3 + b * 5))) }
    let content: ProbeReport.Content
    switch probe {
    case .streamSimilarity:
      content = .streamSimilarity(
        StreamSimilarity(
          cosines: (0...layers).map { i in (0...layers).map { 1 - 0.02 * Float(abs(i - $0)) } }, tokens: count
        ))
    case .lens, .sublayerLens:
      let isBySublayer = probe == .sublayerLens, places = (isBySublayer ? 2 : 1) * layers + 1
      func text(_ place: Int, _ t: Int) -> String {
        place * (isBySublayer ? 1 : 2) > 40
          ? tokens[(t + 1) % count] : [" the", " of", "\\n"][(place + t) % 3]
      }
      content = .lens(
        Lens(
          places: places,
          columns: tokens.indices.map { t in
            (0..<places).map {
              Lens.Guess(
                text: text($0, t), probability: wave($0, t), finalRank: 1 + (places - 1 - $0) * 40,
                finalProbability: wave($0, t) / Float(places - $0))
            }
          }, isBySublayer: isBySublayer,
          likeliest: [
            count - 1: (0..<places).map { place in
              (0..<5).map {
                Lens.Candidate(
                  id: $0, text: $0 == 0 ? text(place, count - 1) : " w\($0)",
                  probability: wave(place, count - 1) / Float(1 << $0))
              }
            }
          ]))
    case .attention(let layer, let head):
      content = .attention(
        AttentionPattern(
          layer: layer, head: head, heads: 9,
          rows: tokens.indices.map { t in
            let first = max(0, t - 20), raw = (first...t).map { wave(t, $0) + 0.01 }
            let total = raw.reduce(0, +)
            return .init(first: first, weights: raw.map { $0 / total })
          },
          writing: HeadWriting(
            position: count - 1,
            promoted: (0..<5).map { .init(id: $0, text: " up\($0)", change: 1.5 - 0.25 * Float($0)) },
            suppressed: (0..<5).map { .init(id: 9 + $0, text: " down\($0)", change: -1 + 0.125 * Float($0)) })
        ))
    case .heads:
      content = .heads(
        HeadSummary(
          layers: (0..<layers).map { layer in
            (0..<9).map {
              .init(
                entropy: 4 * wave(layer, $0), distance: 60 * wave($0, layer), first: wave(layer, $0),
                output: 0.1 * wave($0, layer))
            }
          }, tokens: count))
    case .norms:
      func rows(_ count: Int, _ size: Float) -> [[Float]] {
        (0..<count).map { layer in tokens.indices.map { ($0 == 0 ? 50 : 1) * size * (1 + wave(layer, $0)) } }
      }
      content = .norms(
        StreamNorms(stream: rows(layers + 1, 40), attention: rows(layers, 4), mlp: rows(layers, 6)))
    case .weights:
      content = .weights(
        WeightSummary(
          layers: (0..<layers).map { layer in
            (0..<7).map {
              .init(
                bits: layer % 3 == 0 ? 5 : 4.625, error: 0.05 + 0.01 * wave(layer, $0),
                zeros: layer % 3 == 0 ? nil : 0.4 + 0.02 * wave(layer, $0), rows: 576, columns: 192)
            }
          }, head: .init(bits: 8.5, error: 0, rows: 49152, columns: 576)))
    }
    send(.engine(.probe(ProbeReport(tokens: tokens, content: content, fraction: fraction))))
  }

  /// The heatmap pane alone, showing the view called `name`.
  static func heatmap(
    _ name: String, width: Int = 80, height: Int = 24, theme: String = "dark",
    colors: ColorDepth = .palette256, tokens: [String] = Scene.tokens
  ) throws -> Scene {
    var scene = try Scene.conversation(width: width, height: height, theme: theme, colors: colors)
    scene.enter("/heat \(name)")
    scene.state.focus(on: .heatmap)
    scene.press("z")
    scene.measure(tokens: tokens)
    scene.probe(tokens: tokens)
    scene.send(
      .engine(.analysis(.report(name == "heads-damage" ? Scene.headDamage() : Scene.damage()))))
    if name == "salience" { scene.send(.engine(.analysis(.report(Scene.salience())))) }
    scene.state.notice = nil
    return scene
  }
}
