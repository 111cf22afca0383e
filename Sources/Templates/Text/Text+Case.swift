// Letter case, as Python's methods of the same names change and test it.

extension Text {
  var uppercased: Text { mapScalars { $0.properties.uppercaseMapping } }

  var lowercased: Text {
    var result = Text()
    var offset = 0
    while offset < utf8.count {
      let scalar = scalar(at: offset)
      let next = offset + scalarLength(at: offset)
      let mapped = scalar == "Σ" && isFinalSigma(offset, next) ? "ς" : scalar.properties.lowercaseMapping
      result.append(mapped, isContent: isContent(at: offset))
      offset = next
    }
    return result
  }

  /// Σ at the end of a word is ς in lower case (Unicode 3.13, Final_Sigma).
  private func isFinalSigma(_ offset: Int, _ next: Int) -> Bool {
    var before = offset
    while before > 0 {
      before = scalarStart(before: before)
      guard scalar(at: before).properties.isCaseIgnorable else { break }
    }
    guard before < offset, scalar(at: before).properties.isCased else { return false }
    var after = next
    while after < utf8.count, scalar(at: after).properties.isCaseIgnorable {
      after += scalarLength(at: after)
    }
    return after == utf8.count || !scalar(at: after).properties.isCased
  }

  /// First scalar in title case, the rest in lower case.
  var capitalized: Text {
    guard !isEmpty else { return self }
    let end = scalarLength(at: 0)
    return self[0..<end].mapScalars { $0.properties.titlecaseMapping } + self[end..<count].lowercased
  }

  /// Python's `str.title`: the first letter of every run of cased letters in title case.
  var titlecased: Text {
    var followsCased = false
    return mapScalars { scalar in
      defer { followsCased = scalar.properties.isCased }
      return followsCased ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
    }
  }

  var swappedCase: Text {
    mapScalars { scalar in
      if scalar.properties.isUppercase { return scalar.properties.lowercaseMapping }
      return scalar.properties.isLowercase ? scalar.properties.uppercaseMapping : String(scalar)
    }
  }

  /// There are cased letters and all of them are lower case.
  var isLowercase: Bool { hasCased && allScalars { !$0.isUppercaseOrTitlecase } }
  /// There are cased letters and all of them are upper case.
  var isUppercase: Bool {
    hasCased && allScalars { !$0.properties.isLowercase && $0.properties.generalCategory != .titlecaseLetter }
  }

  private var hasCased: Bool { !allScalars { !$0.properties.isCased } }

  func allScalars(_ holds: (Unicode.Scalar) -> Bool) -> Bool {
    var offset = 0
    while offset < utf8.count {
      guard holds(scalar(at: offset)) else { return false }
      offset += scalarLength(at: offset)
    }
    return true
  }
}

extension Unicode.Scalar {
  fileprivate var isUppercaseOrTitlecase: Bool {
    properties.isUppercase || properties.generalCategory == .titlecaseLetter
  }
}
