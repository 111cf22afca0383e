extension String {
  /// The text for a one-line message: control and format characters shown as U+FFFD, at most 100 characters.
  var printable: String {
    let safe = unicodeScalars.prefix(101).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        "\u{FFFD}"
      default: String(scalar)
      }
    }
    return safe.prefix(100).joined() + (safe.count > 100 ? "…" : "")
  }
}
