import Foundation

extension Error {
  /// The error in a few words on one line.
  var inOneLine: String {
    switch self {
    case let error as DecodingError:
      switch error {
      case .keyNotFound(let key, let context):
        "“\((context.codingPath + [key]).dotted)” is missing"
      case .typeMismatch(_, let context), .valueNotFound(_, let context):
        "“\(context.codingPath.dotted)” has a value of the wrong kind"
      case .dataCorrupted(let context):
        context.codingPath.isEmpty
          ? context.debugDescription : "“\(context.codingPath.dotted)”: \(context.debugDescription)"
      @unknown default: "\(error)"
      }
    case let error as CocoaError:  // its description is a dump of its parts
      if let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error {
        String(cString: strerror(Int32((cause as NSError).code)))
      } else {
        error.localizedDescription
      }
    case let error as any CustomStringConvertible: error.description
    default: "\(self)"
    }
  }
}

extension DecodingError {
  /// The error in JSON that is known to be well formed. Foundation calls JSON invalid, without a place, when
  /// a number does not fit the type asked for.
  var inWellFormedJSON: any Error {
    guard case .dataCorrupted(let context) = self, context.codingPath.isEmpty else { return self }
    return FileError("a number is out of range, or has a fraction where a whole number is needed")
  }
}

extension [any CodingKey] {
  var dotted: String { map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") }
}
