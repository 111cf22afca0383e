/// How a file tells other programs which sublayers are dropped.
enum DropLayout {
  /// Nothing is.
  case none
  /// llama.cpp's graph `deci`, a llama whose layers have sizes of their own: what is dropped is left out.
  case deci
  /// Every other graph of llama.cpp computes all sublayers: the last matrix of a dropped one is zero.
  case zeroed

  /// Graphs that are `deci`'s, but perhaps for the order of what RoPE rotates.
  private static let likeDeci: Set = ["llama", "deci", "qwen2"]

  init(_ plan: Plan, _ architecture: Architecture) {
    guard plan.drop != Plan.Drop() else {
      self = .none
      return
    }
    self = Self.likeDeci.contains(architecture.name) ? .deci : .zeroed
  }
}
