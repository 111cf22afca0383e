extension GGUFFile {
  /// Reads and validates one file, be it a model or a part of one, and nothing beside it.
  ///
  /// - Returns: The number of files that its model is in.
  /// - Throws: ``GGUFError`` as opening it does.
  public static func partCount(path: String) throws(GGUFError) -> Int {
    try max(1, Part(path: path).metadata.integer("split.count") ?? 1)
  }

  /// The file at `path`; of a split model all parts, whichever of them `path` is.
  static func readParts(path: String) throws(GGUFError) -> [Part] {
    guard let name = SplitName(path), name.number > 1, MappedFile.exists(name.part(1)) else {
      return try readParts(first: path)
    }
    let parts = try readParts(first: name.part(1))
    // Files that are named like parts but are not are models of their own.
    return parts.count == name.count ? parts : try readParts(first: path)
  }

  private static func readParts(first path: String) throws(GGUFError) -> [Part] {
    let first = try Part(path: path)
    let count = try first.metadata.integer("split.count") ?? 1
    guard count != 1 else { return [first] }
    let place = "key “split.count”"
    guard (2...99_999).contains(count) else {
      throw GGUFError(file: path, place: place, "cannot be \(count): the file is damaged, download it again")
    }
    let suffix = SplitName.suffix(1, of: count)
    guard try first.metadata.integer("split.no") == 0 else {
      throw GGUFError(
        file: path, place: place,
        "this is a later part of a model in \(count), and the first, "
          + "whose name ends in “\(suffix)”, is not beside it"
      )
    }
    guard let name = SplitName(path), name.number == 1, name.count == count else {
      throw GGUFError(
        file: path, place: place,
        "this is the first of \(count) parts, but its name does not end in “\(suffix)”: name the parts so")
    }
    var parts = [first]
    for number in 2...count {
      let part = try Part(path: name.part(number), isBitNet: first.isBitNet)
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
}
