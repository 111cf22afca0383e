// Letter case, as Python's methods of the same names change and test it.

extension Text {
  var uppercased: Text { mapScalars { $0.properties.uppercaseMapping } }

  var lowercased: Text { mapOffsets { lowercaseMapping(at: $0) } }

  private func lowercaseMapping(at offset: Int) -> String {
    let scalar = scalar(at: offset)
    if scalar == "Σ", isFinalSigma(offset, offset + scalarLength(at: offset)) { return "ς" }
    return scalar.properties.lowercaseMapping
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
    mapOffsets { $0 == 0 ? scalar(at: $0).properties.titlecaseMapping : lowercaseMapping(at: $0) }
  }

  /// Python's `str.title`: the first letter of every run of cased letters in title case.
  var titlecased: Text {
    var followsCased = false
    return mapOffsets { offset in
      let properties = scalar(at: offset).properties
      defer { followsCased = properties.isCased }
      return followsCased ? lowercaseMapping(at: offset) : properties.titlecaseMapping
    }
  }

  var swappedCase: Text {
    mapOffsets { offset in
      let scalar = scalar(at: offset)
      if scalar.properties.isUppercase { return lowercaseMapping(at: offset) }
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
