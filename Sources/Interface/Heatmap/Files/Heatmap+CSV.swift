import Inference
import Terminal

extension Heatmap {
  /// A line for each cell that can have a value: the row, the column, the word where cells say one, the
  /// value, which is empty where nothing is known. Tokens have their position and their text.
  ///
  /// - Parameter tokens: The positions to write; nil for all.
  func csv(tokens: Range<Int>? = nil) -> String {
    let rowIndices = rows.indices(tokens), columnIndices = columns.indices(tokens)
    let isSame = rows.title == columns.title
    let names = rows.csvHead + columns.csvHead.map { isSame ? $0 + "_2" : $0 } + (word == nil ? [] : ["word"])
    var text = (names + [quantity.name.csvName]).joined(separator: ",") + "\n"
    let columnFields = columnIndices.map { columns.csvFields($0) }
    for row in rowIndices {
      let start = rows.csvFields(row)
      for (column, fields) in zip(columnIndices, columnFields) where !isMasked(row, column) {
        let value = value(row, column)
        text += start
        text += fields
        if let word { text += HeatmapAxis.visible(word(row, column) ?? "").csvField + "," }
        if !value.isAbsent { text += value.isNaN ? "nan" : "\(value)" }
        text += "\n"
      }
    }
    return text
  }
}

extension HeatmapAxis {
  /// All indices, or those of the chosen tokens.
  func indices(_ tokens: Range<Int>?) -> Range<Int> {
    kind.isText ? tokens?.clamped(to: 0..<count) ?? 0..<count : 0..<count
  }

  fileprivate var csvHead: [String] {
    kind.isText ? ["\(title) position".csvName, title.csvName] : [title.csvName]
  }

  fileprivate func csvFields(_ index: Int) -> String {
    if kind.isText { return "\(index),\(label(index).csvField)," }
    // Names of figures are short beside a map, and alike.
    return (kind == .figure ? fullLabel(index) : label(index)).csvField + ","
  }
}

extension String {
  fileprivate var csvName: String { replacing(" ", with: "_").csvField }

  /// Quoted where it must be (RFC 4180).
  fileprivate var csvField: String {
    let mustBeQuoted = utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
    return mustBeQuoted || first == " " || last == " " ? "\"" + replacing("\"", with: "\"\"") + "\"" : self
  }
}
