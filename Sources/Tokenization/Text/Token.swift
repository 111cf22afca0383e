/// A token's id: its place in the vocabulary.
public typealias Token = Int32
