extension GGUFFile {
  /// The file at `path`, and the other parts if it is the first of a split model.
  static func readParts(path: String) throws(GGUFError) -> [Part] {
    let first = try Part(path: path)
    let count = try first.metadata.integer("split.count") ?? 1
    guard count != 1 else { return [first] }
    let place = "key “split.count”"
    guard (2...99_999).contains(count) else {
      throw GGUFError(file: path, place: place, "cannot be \(count): the file is damaged, download it again")
    }
    guard try first.metadata.integer("split.no") == 0 else {
      throw GGUFError(file: path, place: place, "this is a later part of a model in \(count): open the first")
    }
    let suffix = partSuffix(1, of: count)
    guard path.hasSuffix(suffix) else {
      throw GGUFError(
        file: path, place: place,
        "this is the first of \(count) parts, but its name does not end in “\(suffix)”: name the parts so")
    }
    var parts = [first]
    for number in 2...count {
      let part = try Part(
        path: path.dropLast(suffix.count) + partSuffix(number, of: count), isBitNet: first.isBitNet)
      guard try part.metadata.integer("split.no") == number - 1,
        try part.metadata.integer("split.count") == count
      else {
        throw GGUFError(
          file: part.mapping.path, place: "key “split.no”",
          "does not say part \(number) of \(count): files of different models are mixed, download them again")
      }
      parts.append(part)
    }
    let found = parts.reduce(0) { $0 + $1.tensors.count }
    if let expected = try first.metadata.integer("split.tensors.count"), expected != found {
      throw GGUFError(
        file: path, place: "key “split.tensors.count”",
        "says \(expected) tensors, but the \(count) parts hold \(found): download them again")
    }
    return parts
  }

  /// `-00002-of-00003.gguf`
  private static func partSuffix(_ number: Int, of count: Int) -> String {
    func padded(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    return "-\(padded(number))-of-\(padded(count)).gguf"
  }
}
