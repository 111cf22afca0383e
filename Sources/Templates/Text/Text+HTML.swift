extension Text {
  /// The same text, marked as not in need of escapes.
  var asHTML: Text {
    var text = self
    text.isHTML = true
    return text
  }

  /// The same text with `& < > ' "` as entities, unless it is marked as HTML already.
  var escapedForHTML: Text {
    if isHTML { return self }
    return mapScalars { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "'": "&#39;"
      case "\"": "&#34;"
      default: String(scalar)
      }
    }.asHTML
  }
}
