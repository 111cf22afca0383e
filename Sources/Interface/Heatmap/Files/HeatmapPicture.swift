import IO
import Inference
import Terminal

/// A map as an SVG figure for a document: vector cells, axes with ticks and names, a legend with a scale.
struct HeatmapPicture {
  private let map: Heatmap
  private let scale: Scale
  /// Model and plan of the figure.
  private let caption: String
  private let rows, columns: Side
  private let words: Bool

  /// One side of the figure: which indices, how large.
  private struct Side {
    var axis: HeatmapAxis
    var indices: Range<Int>
    /// Indices in a cell.
    var pooled: Int
    /// Size of a cell.
    var cell: Double
    var count: Int { (indices.count + pooled - 1) / pooled }
    var length: Double { Double(count) * cell }

    func indices(_ place: Int) -> Range<Int> {
      let start = indices.lowerBound + place * pooled
      return start..<min(start + pooled, indices.upperBound)
    }
  }

  private enum Sizes {
    static let font = 10.0
    /// Tokens of a picture with words, and cells of a side of others.
    static let words = 16, cells = 512
    static let plot = 560.0
    static let legendWidth = 12.0
    static let gap = 8.0
  }

  /// - Parameters:
  ///   - focus: The token that must be there when not all can be.
  ///   - tokens: The positions to show; nil for all, or for as many words as fit.
  init(_ map: Heatmap, kind: ScaleKind, caption: String, focus: Int, tokens: Range<Int>? = nil) {
    self.map = map
    self.caption = caption
    words = map.word != nil
    scale = kind.scale(for: map.quantity, map.sample)
    var columnIndices = map.columns.indices(tokens)
    if words, tokens == nil, columnIndices.count > Sizes.words {
      let start = max(0, min(focus - Sizes.words / 2, columnIndices.count - Sizes.words))
      columnIndices = start..<start + Sizes.words
    }
    let rowIndices = map.rows.indices(tokens)
    func pooled(_ axis: HeatmapAxis, _ indices: Range<Int>) -> Int {
      axis.kind.isText ? max(1, (indices.count + Sizes.cells - 1) / Sizes.cells) : 1
    }
    let width = words ? 58 : map.columns.kind.isText ? 15.0 : map.columns.kind == .matrix ? 34 : 24
    var across = Side(
      axis: map.columns, indices: columnIndices, pooled: pooled(map.columns, columnIndices), cell: width)
    var down = Side(axis: map.rows, indices: rowIndices, pooled: pooled(map.rows, rowIndices), cell: 13)
    if !words { across.cell = max(1, min(width, Sizes.plot / Double(max(1, across.count)))) }
    // Cells of maps of one kind against itself are squares.
    if map.columns.kind.name == map.rows.kind.name {
      across.cell = min(across.cell, 15)
      down.cell = across.cell
    }
    columns = across
    rows = down
  }

  // MARK: Layout

  /// Room for the names of rows; of columns.
  private var left: Double { 34 + width(ofLabels: rows) }
  private var top: Double { 44 }
  private var bottom: Double { 30 + (isTurned ? width(ofLabels: columns) * 0.87 + 4 : 12) }
  private var right: Double {
    let labels = map.isMasked(0, map.columns.count - 1) ? [Self.maskedName] : []
    let widest = (scale.ticks.map(\.label) + labels).map(Self.width).max() ?? 0
    return 14 + Sizes.legendWidth + 5 + widest + 26
  }

  /// Whether the names of columns are turned, to stand side by side.
  private var isTurned: Bool { columns.axis.kind.isText && columns.cell >= Sizes.font * 0.9 }

  private func isNamed(_ side: Side) -> Bool { side.cell >= Sizes.font * 0.9 && side.pooled == 1 }

  private func width(ofLabels side: Side) -> Double {
    guard isNamed(side) else { return 30 }
    return side.indices.map { Self.width(label(side.axis, $0)) }.max() ?? 0
  }

  private static func width(_ text: String) -> Double { Double(text.cellWidth) * Sizes.font * 0.58 }

  private func label(_ axis: HeatmapAxis, _ index: Int) -> String {
    axis.label(index).truncated(width: 14) + (axis.kind == rows.axis.kind && map.isOff(index) ? " ✕" : "")
  }

  func svg() -> String {
    // The legend may need more height than a small map.
    let plotHeight = max(rows.length, 96)
    let width = left + max(columns.length + right, Self.width(caption + range) + 10)
    let height = top + plotHeight + bottom
    var parts = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width.svg) \#(height.svg)" width="\#(width.svg)" height="\#(height.svg)" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="\#(Sizes.font)">"#,
      #"<rect width="100%" height="100%" fill="white"/>"#,
      text(map.subject.capitalizedFirst, x: left, y: 18, extra: #" font-size="13" font-weight="bold""#),
      text(caption + range, x: left, y: 33, fill: "#555555"),
    ]
    let cells = cells()
    if cells.contains(where: { $0.contains(Self.notFinite) }) {
      parts.append(text("red: NaN or infinite", x: left, y: height - 8, fill: Self.notFinite))
    }
    parts +=
      cells + (words ? wordTexts() : []) + frame() + rowNames() + columnNames() + axisNames() + legend()
    return (parts + ["</svg>", ""]).joined(separator: "\n")
  }

  /// The part of the text that is shown, and the tokens in a cell.
  private var range: String {
    var note = ""
    if columns.axis.kind.isText, columns.indices.count < columns.axis.count {
      note +=
        " · tokens \(columns.indices.lowerBound)–\(columns.indices.upperBound - 1) of \(columns.axis.count)"
    }
    if columns.pooled > 1 {
      note += " · \(columns.pooled) tokens a cell, the \(map.pooling == .mean ? "mean" : "largest")"
    }
    return note
  }

  // MARK: Cells

  private static let ink = "#333333"
  private static let maskedName = "not seen"
  private static let masked = "#e4e4e4", unknown = "#f6f6f6", notFinite = "#d62728"

  /// One path for each colour, in units of cells, so that neighbours meet exactly.
  private func cells() -> [String] {
    var paths: [String: String] = [:]
    for row in 0..<rows.count {
      var column = 0
      while column < columns.count {
        let color = color(row, column)
        var end = column + 1
        while end < columns.count, self.color(row, end) == color { end += 1 }
        paths[color, default: ""] += "M\(column) \(row)h\(end - column)v1H\(column)z"
        column = end
      }
    }
    let scale = "scale(\(columns.cell), \(rows.cell))"
    let sorted = paths.sorted { $0.key < $1.key }
    return [
      #"<g shape-rendering="crispEdges" transform="translate(\#(left.svg), \#(top.svg)) \#(scale)">"#
    ] + sorted.map { #"<path fill="\#($0.key)" d="\#($0.value)"/>"# } + ["</g>"]
  }

  private func color(_ row: Int, _ column: Int) -> String {
    let rows = rows.indices(row), columns = columns.indices(column)
    let value = map.value(rows: rows, columns: columns)
    if let fraction = scale.fraction(value) { return ColorMap.color(step: ColorMap.step(fraction)).hex }
    if !value.isAbsent { return Self.notFinite }
    return map.isMasked(rows.last!, columns.first!) ? Self.masked : Self.unknown
  }

  private func wordTexts() -> [String] {
    (0..<rows.count).flatMap { row in
      (0..<columns.count).compactMap { column -> String? in
        let (r, c) = (rows.indices(row).lowerBound, columns.indices(column).lowerBound)
        guard let word = map.word?(r, c), let fraction = scale.fraction(map.value(r, c)) else { return nil }
        let isLight = ColorMap.color(step: ColorMap.step(fraction)).lightness > 55
        return text(
          HeatmapAxis.visible(word).truncated(width: 9),
          x: left + (Double(column) + 0.5) * columns.cell, y: top + (Double(row) + 0.5) * rows.cell + 3.2,
          anchor: "middle", fill: isLight ? "#000000" : "#ffffff", extra: #" font-size="9""#)
      }
    }
  }

  private func frame() -> [String] {
    [
      #"<rect x="\#(left.svg)" y="\#(top.svg)" width="\#(columns.length.svg)" height="\#(rows.length.svg)" fill="none" stroke="\#(Self.ink)" stroke-width="0.6"/>"#
    ]
  }

  // MARK: Names

  /// Indices that get a tick where not all can have a name.
  private func ticks(_ side: Side) -> [Int] {
    if isNamed(side) { return Array(side.indices) }
    let isLayered = side.axis.layer(side.axis.count - 1) != nil
    let step = isLayered ? 5 : Scale.niceStep(Double(side.indices.count) / max(2, side.length / 60))
    return side.indices.filter {
      (side.axis.layer($0) ?? (isLayered ? 1 : $0)) % max(1, Int(nearest: step)) == 0
    }
  }

  private func name(_ side: Side, _ index: Int) -> String {
    side.axis.kind.isText && !isNamed(side) ? "\(index)" : label(side.axis, index)
  }

  private func center(_ side: Side, _ index: Int) -> Double {
    (Double((index - side.indices.lowerBound) / side.pooled) + 0.5) * side.cell
  }

  private func rowNames() -> [String] {
    ticks(rows).flatMap { index in
      let y = top + center(rows, index)
      return [
        line(left - 3, y, left, y),
        text(
          name(rows, index), x: left - 5, y: y + 3.4, anchor: "end",
          fill: map.isOff(index) ? "#b00020" : "#000000"),
      ]
    }
  }

  private func columnNames() -> [String] {
    let y = top + rows.length
    return ticks(columns).flatMap { index in
      let x = left + center(columns, index)
      let name =
        isTurned && isNamed(columns)
        ? text(
          self.name(columns, index), x: x + 3, y: y + 10, anchor: "end",
          extra: #" transform="rotate(-60 \#((x + 3).svg) \#((y + 10).svg))""#)
        : text(self.name(columns, index), x: x, y: y + 14, anchor: "middle")
      return [line(x, y, x, y + 3), name]
    }
  }

  private func axisNames() -> [String] {
    let middle = top + rows.length / 2, x = 12.0
    return [
      text(
        columns.axis.title, x: left + columns.length / 2, y: top + max(rows.length, 0) + bottom - 8,
        anchor: "middle",
        extra: #" font-size="11""#),
      text(
        rows.axis.title, x: x, y: middle, anchor: "middle",
        extra: #" font-size="11" transform="rotate(-90 \#(x.svg) \#(middle.svg))""#),
    ]
  }

  // MARK: Legend

  private func legend() -> [String] {
    let x = left + columns.length + 14, length = min(max(rows.length, 96), 200) - 24, y = top + 4
    // Beside the scale, from bottom to top: some names are longer than a margin should be wide.
    let nameX = left + columns.length + right - 8, middle = y + length / 2
    var parts = [
      text(
        map.quantity.legend, x: nameX, y: middle, anchor: "middle",
        extra: #" transform="rotate(-90 \#(nameX.svg) \#(middle.svg))""#)
    ]
    let steps = 64, height = length / Double(steps)
    parts.append(#"<g shape-rendering="crispEdges">"#)
    for step in 0..<steps {
      let color = ColorMap.color(step: step * (ColorMap.steps - 1) / (steps - 1)).hex
      let place = y + length - Double(step + 1) * height
      parts.append(
        #"<rect x="\#(x.svg)" y="\#(place.svg)" width="\#(Sizes.legendWidth)" height="\#((height + 0.3).svg)" fill="\#(color)"/>"#
      )
    }
    parts.append("</g>")
    for (fraction, label) in scale.ticks {
      let place = y + length * (1 - fraction), end = x + Sizes.legendWidth
      parts += [line(end, place, end + 3, place), text(label, x: end + 5, y: place + 3.4)]
    }
    guard map.isMasked(0, map.columns.count - 1) else { return parts }
    return parts + [
      #"<rect x="\#(x.svg)" y="\#((y + length + 8).svg)" width="\#(Sizes.legendWidth)" height="9" fill="\#(Self.masked)"/>"#,
      text(Self.maskedName, x: x + Sizes.legendWidth + 5, y: y + length + 16),
    ]
  }

  // MARK: Elements

  private func text(
    _ content: String, x: Double, y: Double, anchor: String = "start", fill: String = "#000000",
    extra: String = ""
  ) -> String {
    let anchor = anchor == "start" ? "" : #" text-anchor="\#(anchor)""#
    let fill = fill == "#000000" ? "" : #" fill="\#(fill)""#
    return
      #"<text x="\#(x.svg)" y="\#(y.svg)"\#(anchor)\#(fill)\#(extra)>\#(content.sanitized.escapedForXML)</text>"#
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    #"<path d="M\#(x1.svg) \#(y1.svg)L\#(x2.svg) \#(y2.svg)" stroke="\#(Self.ink)" stroke-width="0.6"/>"#
  }
}

extension Double {
  /// Two decimals at most.
  fileprivate var svg: String {
    let rounded = (self * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(nearest: rounded))" : "\(rounded)"
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
