/// What there is on disk to choose from.
public struct Catalog: Sendable, Hashable {
  public struct Item: Sendable, Hashable {
    public var name: String
    /// A word about it: a theme's summary, a model's size, the first words of a session.
    public var note: String
    public init(_ name: String, _ note: String = "") {
      self.name = name
      self.note = note
    }
  }

  public var themes: [Item]
  public var plans: [Item]
  public var models: [Item]
  /// All but the open one, the most recently used first.
  public var sessions: [Item]

  public init(themes: [Item] = [], plans: [Item] = [], models: [Item] = [], sessions: [Item] = []) {
    self.themes = themes
    self.plans = plans
    self.models = models
    self.sessions = sessions
  }
}

extension [Catalog.Item] {
  var candidates: [Command.Candidate] { map { Command.Candidate($0.name, $0.note) } }
  /// The first dozen, for a line.
  var list: String { prefix(12).map(\.name).joined(separator: ", ") + (count > 12 ? ", …" : "") }
}
