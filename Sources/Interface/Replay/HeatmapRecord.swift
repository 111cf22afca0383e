import Foundation
import IO
import Inference
import Terminal

/// A map as the page of a replay draws it: exact values, and the shades that the program gives them.
struct HeatmapRecord: Encodable, Sendable {
  private var name, title, joint, quantity: String
  private var unit: String?
  private var decimals: Int
  private var rows, columns: Axis
  /// f32 in little-endian order, [row][column], in Base64.
  private var values: String
  /// A byte each: the place in ``ramp``, or one of the marks below.
  private var shades: String
  /// Words that occur in cells, and a u16 for each cell.
  private var words: [String]?
  private var wordIndices: String?
  /// Rows of what does not run.
  private var off: [Int]
  private var ticks: [Tick]

  private struct Tick: Encodable {
    var fraction: Double
    var label: String
    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(fraction)
      try container.encode(label)
    }
  }

  private struct Axis: Encodable {
    /// Whether it has a place for each token; the tokens stand beside the maps.
    var isText: Bool
    var count: Int
    var labels, full: [String]

    init(_ axis: HeatmapAxis, _ indices: Range<Int>) {
      isText = axis.kind.isText
      count = indices.count
      labels = axis.kind.isText ? [] : indices.map { axis.label($0).onOneLine }
      full = axis.kind.isText ? [] : indices.map { axis.fullLabel($0).onOneLine }
    }

    private enum CodingKeys: String, CodingKey { case count, labels, full, isText = "is_text" }
  }

  private enum CodingKeys: String, CodingKey {
    case name, title, joint, quantity, unit, decimals, rows, columns, values, shades, words, off, ticks
    case wordIndices = "word_indices"
  }

  /// Shades of values; the marks of what is no finite number, of cells that cannot have a value, and of those
  /// that are not known come after them.
  static let shadeCount = 253
  static let notFinite = 253, masked = 254, unknown = 255

  /// The colours of the shades, as `#rrggbb`.
  static var ramp: [String] {
    (0..<shadeCount).map {
      ColorMap.color(step: $0 * (ColorMap.steps - 1) / (shadeCount - 1)).hex
    }
  }

  /// - Parameters:
  ///   - name: of the view.
  ///   - tokens: The positions to keep.
  init(_ map: Heatmap, name: String, tokens: Range<Int>) {
    let rowIndices = map.rows.indices(tokens), columnIndices = map.columns.indices(tokens)
    let scale = ScaleKind.natural.scale(for: map.quantity, map.sample)
    var values = Data(), shades = Data(), indices = Data()
    var places: [String: Int] = [:], words: [String] = []
    for row in rowIndices {
      for column in columnIndices {
        let isMasked = map.isMasked(row, column)
        let value = isMasked ? Float.absent : map.value(row, column)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { values.append(contentsOf: $0) }
        shades.append(Self.shade(value, isMasked: isMasked, scale))
        guard let word = map.word else { continue }
        let text = HeatmapAxis.visible(word(row, column) ?? "")
        if places[text] == nil, words.count <= Int(UInt16.max) {
          places[text] = words.count
          words.append(text)
        }
        withUnsafeBytes(of: UInt16(places[text] ?? 0).littleEndian) { indices.append(contentsOf: $0) }
      }
    }
    self.name = name
    (title, joint) = (map.title, map.joint)
    (quantity, unit, decimals) = (map.quantity.name, map.quantity.unit, map.quantity.decimals)
    (rows, columns) = (Axis(map.rows, rowIndices), Axis(map.columns, columnIndices))
    self.values = values.base64EncodedString()
    self.shades = shades.base64EncodedString()
    self.words = map.word == nil ? nil : words
    wordIndices = map.word == nil ? nil : indices.base64EncodedString()
    off = rowIndices.filter(map.isOff).map { $0 - rowIndices.lowerBound }
    ticks = scale.ticks.map { Tick(fraction: $0.fraction, label: $0.label) }
  }

  private static func shade(_ value: Float, isMasked: Bool, _ scale: Scale) -> UInt8 {
    if isMasked { return UInt8(masked) }
    if value.isAbsent { return UInt8(unknown) }
    guard let fraction = scale.fraction(value) else { return UInt8(notFinite) }
    return UInt8(min(shadeCount - 1, Int(nearest: fraction * Double(shadeCount - 1))))
  }
}
