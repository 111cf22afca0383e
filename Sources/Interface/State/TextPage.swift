/// A text in a box of its own, to be read and closed.
struct TextPage: Sendable, Hashable {
  var title: String
  /// As wide as they are; the box wraps them.
  var lines: [Line]
  /// Rows above the box.
  var scroll = 0
}
