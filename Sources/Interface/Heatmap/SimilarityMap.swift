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

  func readOut(row: Int, column: Int, value: Float, in state: AppState) -> Line {
    var line: Line = [Span(Self.layerName(row), .strong)]
    if let tokens = state.similarity?.tokens, tokens.indices.contains(column) {
      line.append(Span(" \(Self.quoted(tokens[column]))"))
    }
    line.append(Span(value.isNaN ? " –" : " " + Figures.similarity(value), .strong))
    if sublayers.count == 1, let (rank, count) = state.redundancy.rank(sublayers[0], layer: row) {
      line.append(Span(" · rank \(rank)/\(count)", .faint))
    }
    line.append(isOff(row: row, in: state) ? Span(" · OFF", .dropped) : Span(" · ON", .runs))
    return line
  }

  static func layerName(_ layer: Int) -> String { "L" + (layer < 10 ? "0" : "") + String(layer) }

  /// A token as it can be shown in a line: quoted, with its line breaks visible.
  static func quoted(_ token: String) -> String {
    "“" + token.sanitized.replacing("\n", with: "⏎").replacing("\t", with: "⇥").truncated(width: 12) + "”"
  }
}
