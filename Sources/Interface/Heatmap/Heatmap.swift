import Inference
import Terminal

/// A map, whatever draws it or writes it to a file. Its values are asked for one by one, so that one of
/// millions of cells costs nothing until it is looked at.
struct Heatmap: Sendable {
  /// `attention similarity`, without the axes.
  var subject: String
  var quantity: Quantity
  var rows: HeatmapAxis
  var columns: HeatmapAxis
  /// `Float.absent` where nothing is known.
  var value: @Sendable (_ row: Int, _ column: Int) -> Float
  /// The word in a cell, in maps whose cells have one.
  var word: (@Sendable (_ row: Int, _ column: Int) -> String?)?
  /// The text between the names of row and column.
  var joint = " "
  /// Cells that cannot have a value, such as those of tokens yet to come.
  var isMasked: @Sendable (_ row: Int, _ column: Int) -> Bool = { _, _ in false }
  /// Rows of what does not run; they are marked by a sign, not by colour alone.
  var isOff: @Sendable (_ row: Int) -> Bool = { _ in false }
  /// Cells of what does not run, in rows of which something runs.
  var isCellOff: @Sendable (_ row: Int, _ column: Int) -> Bool = { _, _ in false }
  /// The remarks of the read-out after the value.
  var remarks: @Sendable (_ row: Int, _ column: Int) -> [Remark] = { _, _ in [] }
  /// Lines below the read-out, where there is room.
  var details: @Sendable (_ row: Int, _ column: Int) -> [Line] = { _, _ in [] }
  /// The most lines that ``details`` has.
  var detailCount = 0
  var pooling = Pooling.mean
  /// The share that is computed, from 0 to 1.
  var fraction = 1.0

  struct Remark: Sendable {
    var text: Span
    /// For places with little room.
    var short: Span

    init(_ text: String, short: String? = nil, _ element: Element = .faint) {
      self.text = Span(text, element)
      self.short = Span(short ?? text, element)
    }

    static func state(isOff: Bool) -> Remark { isOff ? Remark("OFF", .dropped) : Remark("ON", .runs) }
  }

  /// The figure for several cells that share one place.
  enum Pooling: Sendable { case mean, largest }

  var title: String { "\(subject) · \(rows.kind.name) × \(columns.kind.name)" }
  var isEmpty: Bool { rows.count == 0 || columns.count == 0 }

  /// Whether any cell has a value.
  ///
  /// - Parameter tokens: The positions to look at; nil for all.
  func isKnown(_ tokens: Range<Int>?) -> Bool {
    rows.indices(tokens).contains { row in
      columns.indices(tokens).contains { !isMasked(row, $0) && !value(row, $0).isAbsent }
    }
  }

  /// The value of a block of cells. Of many rows a few stand for all; columns all count, since what many
  /// tokens look at is one of them.
  func value(rows: some Collection<Int>, columns: some Collection<Int>) -> Float {
    if rows.count == 1, columns.count == 1 { return value(rows.first!, columns.first!) }
    var sum: Float = 0, largest = -Float.infinity, count = 0
    let step = max(1, rows.count / 4)
    for (place, row) in rows.enumerated() where place % step == 0 {
      for column in columns {
        let value = value(row, column)
        guard !value.isAbsent else { continue }
        if value.isNaN { return .nan }  // what is no number must not vanish among those that are
        sum += value
        largest = max(largest, value)
        count += 1
      }
    }
    guard count > 0 else { return .absent }
    return pooling == .mean ? sum / Float(count) : largest
  }

  /// Some of the values, evenly from everywhere: enough for a scale.
  var sample: [Float] {
    let wanted = 4096
    let step = max(1, rows.count * columns.count / wanted)
    // Not a divisor of the width, or all would be of a few columns.
    let stride = step > 1 && columns.count % step == 0 ? step + 1 : step
    return Swift.stride(from: 0, to: rows.count * columns.count, by: stride).map {
      value($0 / columns.count, $0 % columns.count)
    }
  }
}
