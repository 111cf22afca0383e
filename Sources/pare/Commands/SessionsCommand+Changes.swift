import ArgumentParser
import IO
import Sessions

extension SessionsCommand {
  struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a session another name.")

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    @Argument(help: "The new name.")
    var new: String

    func run() throws { try store.rename(existing(name), to: SessionName(new)) }
  }

  struct Fork: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy a session, all its branches included, and print the name of the copy.")

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    @Argument(help: "The name of the copy (default: the next that is free).")
    var new: String?

    func run() throws { try printLine("\(store.fork(existing(name), as: new.map { try SessionName($0) }))") }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a session aside, from where `restore` brings it back.")

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    func run() throws {
      let deleted = try store.delete(existing(name))
      note("it is kept: pare sessions restore \(deleted.kept)")
    }
  }

  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a deleted session back, and print the name that it has now.")

    @Argument(help: "A name that `pare sessions list --deleted` lists.")
    var name: String

    func run() throws {
      let name = try SessionName(name)
      guard store.deleted.exists(name) else {
        throw InputError(description: "\(store.deleted.missing(name))")
      }
      try printLine("\(store.restore(name))")
    }
  }
}
