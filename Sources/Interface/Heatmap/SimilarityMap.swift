import Inference
import Terminal

/// Layer × token: the cosine of the residual stream before and after a sublayer or block.
struct SimilarityMap: HeatmapView {
  var name: String
  var title: String
  fileprivate var sublayers: [Plan.Sublayer]
  fileprivate var source: @Sendable (SimilarityReport) -> [[Float]]

  static let attention = SimilarityMap(
    name: "attn", title: "attention similarity · layer × token", sublayers: [.attention],
    source: { $0.attention })
  static let mlp = SimilarityMap(
    name: "mlp", title: "MLP similarity · layer × token", sublayers: [.mlp], source: { $0.mlp })
  static let block = SimilarityMap(
    name: "block", title: "block similarity · layer × token", sublayers: [.attention, .mlp],
    source: { $0.block })

  func values(in state: AppState) -> [[Float]]? {
    state.similarity.map(source).flatMap { $0.first?.isEmpty == false ? $0 : nil }
  }

  func isOff(row: Int, in state: AppState) -> Bool {
    sublayers.allSatisfy { !state.plan.runs($0, layer: row) }
  }

  /// `L05 “ sky” 0.993 · rank 3/30 · ON`, or `L05 “ sky” 0.993 rank 3 ON` where there is less room; then the token
  /// gives way.
  func readOut(row: Int, column: Int, value: Float, width: Int, in state: AppState) -> Line {
    let tokens = state.similarity?.tokens ?? []
    let token = tokens.indices.contains(column) ? " \(Self.quoted(tokens[column], width: 16))" : ""
    let name = Span(Self.layerName(row), .strong)
    let full: Line = [name, Span(token)] + figures(row: row, value: value, isShort: false, in: state)
    guard full.width > width else { return full }
    let figures = figures(row: row, value: value, isShort: true, in: state)
    return [name, Span(token.truncated(width: max(0, width - figures.width - 3)))] + figures
  }

  private func figures(row: Int, value: Float, isShort: Bool, in state: AppState) -> Line {
    let separator = Span(isShort ? " " : " · ", .faint)
    var line: Line = [Span(value.isNaN ? " –" : " " + Figures.similarity(value), .strong)]
    if sublayers.count == 1, let (rank, count) = state.redundancy.rank(sublayers[0], layer: row) {
      line += [separator, Span("rank \(rank)" + (isShort ? "" : "/\(count)"), .faint)]
    }
    line.append(separator)
    line.append(isOff(row: row, in: state) ? Span("OFF", .dropped) : Span("ON", .runs))
    return line
  }

  static func layerName(_ layer: Int) -> String { "L" + (layer < 10 ? "0" : "") + String(layer) }

  /// A token as it can be shown in a line: quoted, with its line breaks visible.
  static func quoted(_ token: String, width: Int = 12) -> String {
    "“" + token.sanitized.replacing("\n", with: "⏎").replacing("\t", with: "⇥").truncated(width: width) + "”"
  }
}
