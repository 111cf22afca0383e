extension [String] {
  /// The arguments of a command line, each negative number joined with the option before it: `--top-k -1`
  /// becomes `--top-k=-1`, since the parser would take the number for an option.
  var joiningNegativeNumbers: [String] {
    var result: [String] = []
    var rest = self[...]
    while let argument = rest.popFirst() {
      if argument == "--" { return result + [argument] + rest }
      let isOption = argument.hasPrefix("-") && argument != "-" && !argument.contains("=")
      if isOption, !argument.isNegativeNumber, let value = rest.first, value.isNegativeNumber {
        result.append(argument + "=" + value)
        rest.removeFirst()
      } else {
        result.append(argument)
      }
    }
    return result
  }
}

extension String {
  fileprivate var isNegativeNumber: Bool {
    guard hasPrefix("-"), let second = dropFirst().first else { return false }
    return (second.isASCII && second.isNumber || second == ".") && Double(self) != nil
  }
}
