import Sessions

/// The user's choices of which panes are there and how large they are.
struct Arrangement: Sendable, Hashable {
  /// Whether the chat has the screen to itself, also while one types; other panes are there while they have the
  /// focus.
  var isChatOnly = false
  /// The share of the screen's width that side panes have; nil as suits the width.
  var sideShare: Double?
  /// The share of the height that the main pane has above another.
  var mainShare: Double?

  /// What columns and rows are left to either of two neighbours at least.
  private static let leastColumns = 28, leastRows = 4

  /// Columns of side panes.
  func columns(of width: Int, otherwise columns: Int) -> Int {
    let wanted = sideShare.map { Int((Double(width) * $0).rounded()) } ?? columns
    return max(Self.leastColumns, min(wanted, width - Self.leastColumns))
  }

  /// Rows of the main pane.
  func height(of height: Int, otherwise rows: Int) -> Int {
    let wanted = mainShare.map { Int((Double(height) * $0).rounded()) } ?? rows
    return max(min(Self.leastRows, height), min(wanted, height - Self.leastRows))
  }

  /// A line between panes, which the mouse can drag.
  enum Divider: Sendable, Hashable { case side, below }
}

extension Arrangement {
  /// As it was when the program ended.
  init(_ remembered: RememberedState.Layout?) {
    isChatOnly = remembered?.chatOnly ?? false
    let shares = 0.05...0.95
    sideShare = remembered?.side.flatMap { shares.contains($0) ? $0 : nil }
    mainShare = remembered?.main.flatMap { shares.contains($0) ? $0 : nil }
  }
}
