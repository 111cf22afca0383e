import Foundation
import IO
import Inference
import Sessions

extension ModelOptions {
  /// The model of a chat: the one that was asked for, else the session's own, else the one that new sessions
  /// get; asks before a session goes on with a model that is not its own.
  func url(_ start: SessionChoice, among models: ModelStore) throws -> URL {
    guard let own = start.model, model == nil, let name = start.name else { return try url() }
    if let found = models.find(own) { return found }
    let problem = "session “\(name)” was with \(own.name), which is not on this machine"
    let other = try? url()
    if let other, Question.isYes("\(problem). Go on with \(other.lastPathComponent)?") { return other }
    let pull = models.catalogue[own.name] == nil ? "" : "`pare pull \(own.name)` fetches it, "
    throw InputError(description: "\(problem): \(pull)-m opens the session with another")
  }
}
