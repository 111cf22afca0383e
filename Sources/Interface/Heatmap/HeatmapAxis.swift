import IO
import Terminal

/// One side of a map.
struct HeatmapAxis: Sendable {
  /// The kind of an axis: axes of the same kind share a cursor, also between views.
  enum Kind: Sendable, Hashable {
    case layer
    /// Places of the residual stream: the embedding, and after each layer.
    case place
    /// Places with one more between the attention and the MLP of each layer.
    case sublayerPlace
    /// Places again, where both axes have them.
    case otherPlace
    case token
    /// The token that looks, where the other axis has those that it sees.
    case query
    case head
    /// Words of a text, which can be several tokens each.
    case word
    case matrix
    /// Figures beside each other.
    case figure
    /// The one figure of a list.
    case effect

    var name: String {
      switch self {
      case .layer, .place, .sublayerPlace, .otherPlace: "layer"
      case .token, .query: "token"
      case .head: "head"
      case .word: "word"
      case .matrix: "matrix"
      case .figure: "sublayer"
      case .effect: "effect"
      }
    }

    /// Whether there are as many as tokens in the context: it can be zoomed out of, and its cursor follows
    /// the newest.
    var isText: Bool { self == .token || self == .query }
  }

  var kind: Kind
  /// In files: `layer`, `seen token`.
  var title: String
  var count: Int
  /// Beside a row or under a column.
  var label: @Sendable (Int) -> String
  /// In full, for places with room: `L05`, `“ sky”`.
  var fullLabel: @Sendable (Int) -> String

  init(
    _ kind: Kind, _ title: String, count: Int, label: @escaping @Sendable (Int) -> String = { "\($0)" },
    fullLabel: (@Sendable (Int) -> String)? = nil
  ) {
    self.kind = kind
    self.title = title
    self.count = count
    self.label = label
    self.fullLabel = fullLabel ?? label
  }

  static func layers(_ count: Int) -> HeatmapAxis {
    HeatmapAxis(.layer, "layer", count: count, fullLabel: layerName)
  }

  /// The embedding, and the stream after each layer.
  static func places(_ layers: Int, kind: Kind = .place, title: String = "after layer") -> HeatmapAxis {
    HeatmapAxis(
      kind, title, count: layers + 1, label: { $0 == 0 ? "in" : "\($0 - 1)" },
      fullLabel: { $0 == 0 ? "input" : layerName($0 - 1) })
  }

  /// The embedding, and the stream after the attention and after the MLP of each layer.
  static func sublayerPlaces(_ layers: Int) -> HeatmapAxis {
    HeatmapAxis(
      .sublayerPlace, "after sublayer", count: 2 * layers + 1,
      label: { $0 == 0 ? "in" : $0 % 2 == 1 ? "\($0 / 2)a" : "\($0 / 2 - 1)" },
      fullLabel: {
        $0 == 0 ? "input" : $0 % 2 == 1 ? layerName($0 / 2) + " attn" : layerName($0 / 2 - 1)
      })
  }

  static func tokens(_ texts: [String], kind: Kind = .token, title: String = "token") -> HeatmapAxis {
    HeatmapAxis(
      kind, title, count: texts.count, label: { visible(texts[$0]) },
      fullLabel: { quoted(texts[$0], width: 16) })
  }

  /// The layer that an index stands for; nil where it is of something else.
  func layer(_ index: Int) -> Int? {
    switch kind {
    case .layer: index
    case .place, .otherPlace: index > 0 ? index - 1 : nil
    case .sublayerPlace: index > 0 ? (index - 1) / 2 : nil
    case .token, .query, .head, .word, .matrix, .figure, .effect: nil
    }
  }

  static func layerName(_ layer: Int) -> String { "L" + (layer < 10 ? "0" : "") + String(layer) }

  /// A token as it can be shown in a line: with its line breaks visible, and spaces where there is nothing
  /// else.
  static func visible(_ token: String) -> String {
    let isBlank = !token.isEmpty && token.allSatisfy { $0 == " " }
    return token.sanitized.replacing("\n", with: "⏎").replacing("\t", with: "⇥")
      .replacing(" ", with: isBlank ? "␣" : " ")
  }

  static func quoted(_ token: String, width: Int = 12) -> String {
    "“" + visible(token).truncated(width: width) + "”"
  }
}
