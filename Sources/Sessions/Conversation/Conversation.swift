import Foundation
import Inference

/// All messages and answers of a session, as a tree: editing a message or asking for another answer adds a
/// branch, and nothing is ever overwritten.
///
/// A session changes its conversation only through ``Session/apply(_:at:)``, so that tree and journal agree.
public struct Conversation: Sendable, Hashable {
  /// All nodes in the order of their creation. A node's parent always comes before it.
  public private(set) var nodes: [Node] = []
  /// The last node of the branch on screen; nil while there are no nodes, or when the next message shall
  /// begin a branch of its own at the root.
  public private(set) var leaf: Int?

  /// Index in `nodes` by id.
  private var places: [Int: Int] = [:]
  /// Nodes without a parent, in order.
  private var roots: [Int] = []
  private var largestID = 0

  /// A conversation without messages.
  public init() {}

  /// A message, or an answer of the model.
  public struct Node: Sendable, Hashable, Identifiable {
    public let id: Int
    public let parent: Int?
    public let role: ChatMessage.Role
    /// The text; of an answer under way, the text so far.
    public internal(set) var content: String
    /// What the model thought before; empty for nothing. Of an answer under way, that so far.
    public internal(set) var reasoning = ""
    /// The time of the message, or of the beginning of the answer.
    public let date: Date
    /// The circumstances of an answer; nil for messages that people wrote.
    public internal(set) var answer: Answer?
    /// Where the model's memory begins from here on; nil leaves that as it was.
    public internal(set) var cut: ContextCut?
    /// Ids of the nodes that follow, oldest first.
    public internal(set) var children: [Int] = []

    /// Whether there is neither content nor thought.
    public var isBlank: Bool { content.isEmpty && reasoning.isEmpty }
  }

  /// The id to give the next message or answer: larger than every id in use.
  public var nextID: Int { largestID + 1 }

  /// Whether there are no messages.
  public var isEmpty: Bool { nodes.isEmpty }

  /// The node of an id; nil if there is none.
  public subscript(id: Int) -> Node? { places[id].map { nodes[$0] } }

  // MARK: - Walking the tree

  /// The nodes from the root to `id`, or to the current leaf.
  public func path(to id: Int? = nil) -> [Node] {
    var path: [Node] = []
    var next = id ?? leaf
    while let node = next.flatMap({ self[$0] }) {
      path.append(node)
      next = node.parent
    }
    return path.reversed()
  }

  /// The newest message of the user on the current branch: the one that a rerun answers again.
  public var lastPrompt: Node? { path().last { $0.role == .user } }

  /// Nodes with the same parent as `id`, itself included, oldest first: the other answers to a prompt, or
  /// the other wordings of a message.
  public func siblings(of id: Int) -> [Node] {
    guard let node = self[id] else { return [] }
    return (node.parent.flatMap { self[$0]?.children } ?? roots).compactMap { self[$0] }
  }

  /// The answers to the message `id`, oldest first.
  public func answers(to id: Int) -> [Node] {
    (self[id]?.children ?? []).compactMap { self[$0] }.filter { $0.answer != nil }
  }

  /// The sibling `offset` places on from `id`, without wrapping around; nil past either end.
  public func sibling(of id: Int, offset: Int) -> Node? {
    let siblings = siblings(of: id)
    guard let place = siblings.firstIndex(where: { $0.id == id }) else { return nil }
    let (target, overflow) = place.addingReportingOverflow(offset)
    return !overflow && siblings.indices.contains(target) ? siblings[target] : nil
  }

  /// The end of the branch that goes on from `id` by the newest child each time: the new leaf when the user
  /// turns to a sibling.
  public func newestLeaf(from id: Int) -> Int {
    var id = id
    while let next = self[id]?.children.last { id = next }
    return id
  }

  // MARK: - Growing it

  /// Adds a node and makes it the leaf.
  mutating func append(_ node: Node) throws(SessionError) {
    // Ids stay far from Int.max so that `nextID` cannot overflow, and fit a JSON number exactly.
    guard node.id > 0, node.id < 1 << 53 else { throw SessionError("\(node.id) is not a usable id") }
    guard places[node.id] == nil else { throw SessionError("the id \(node.id) is taken") }
    if let parent = node.parent {
      guard let place = places[parent] else { throw SessionError("there is no message \(parent) to follow") }
      nodes[place].children.append(node.id)
    } else {
      roots.append(node.id)
    }
    places[node.id] = nodes.count
    nodes.append(node)
    largestID = max(largestID, node.id)
    leaf = node.id
  }

  mutating func select(_ id: Int?) throws(SessionError) {
    if let id, places[id] == nil { throw SessionError("there is no message \(id)") }
    leaf = id
  }

  mutating func cut(_ cut: ContextCut, at id: Int) throws(SessionError) {
    guard let place = places[id] else { throw SessionError("there is no message \(id)") }
    nodes[place].cut = cut
  }

  /// Reopens an answer that has ended, or lets the model go on with a text that people wrote for it.
  mutating func continueAnswer(_ id: Int, _ change: (inout Node) -> Void) throws(SessionError) {
    guard let place = places[id], nodes[place].role == .assistant else {
      throw SessionError("there is no answer \(id)")
    }
    guard nodes[place].answer?.isOpen != true else { throw SessionError("answer \(id) has not ended") }
    change(&nodes[place])
  }

  /// Changes an answer that is still open.
  mutating func updateAnswer(_ id: Int, _ change: (inout Node) -> Void) throws(SessionError) {
    guard let place = places[id], nodes[place].answer != nil else {
      throw SessionError("there is no answer \(id)")
    }
    guard nodes[place].answer?.isOpen == true else { throw SessionError("answer \(id) has ended") }
    change(&nodes[place])
  }
}
